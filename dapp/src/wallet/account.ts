/**
 * The account in use, as every page may know it: just its address, remembered. What can sign is in
 * `session.ts`, loaded only where something is signed.
 */
import { recall, remember } from "../base/memory";
import { store } from "../base/store";

export type Address = `0x${string}`;

const kept = recall("account");
export const account = store<Address | null>(isAddress(kept) ? kept : null);
account.subscribe(() => remember("account", account.get()));

export function isAddress(text: string | null | undefined): text is Address {
  return /^0x[0-9a-fA-F]{40}$/.test(text ?? "");
}

export function sameAccount(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one.toLowerCase() === other.toLowerCase();
}
