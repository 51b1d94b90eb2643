/**
 * The account in use, as every page may know it: just its address, remembered. What can sign is in
 * `session.ts`, loaded only where something is signed.
 */
import { type Address, isAddress } from "../base/hex";
import { recall, remember } from "../base/storage";
import { store } from "../base/store";

const kept = recall("account");
export const account = store<Address | null>(isAddress(kept) ? kept : null);
account.subscribe(() => remember("account", account.get()));
