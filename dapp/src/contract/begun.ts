/**
 * Calls that a wallet was asked for and that are not known to be over.
 *
 * Promises: kept before the wallet is asked, so that neither a reload nor another tab asks for the same a
 * second time; one a slot, and a slot is what a person can ask for once at a time (a new room; a room's
 * title, key, offer, end; a withdrawal). Every tab of this browser sees the same. Where the browser
 * stores nothing, this tab alone remembers.
 */
import { recall, remember } from "../base/storage";
import type { Expected } from "./effects";
import type { Failure } from "./failures";

export interface Begun extends Expected {
  id: string;
  chainId: number;
  /** The account's next nonce, before the wallet was asked. */
  nonce: number;
  /** When, in milliseconds. */
  at: number;
  /** What the wallet answered; null: nothing, or nothing that is a hash. */
  hash: `0x${string}` | null;
  /** What the wallet said went wrong, though it may have sent it. */
  fault: Failure | null;
}

export type Slot = Pick<Begun, "chainId" | "contract" | "account"> & {
  effect: Pick<Begun["effect"], "event" | "room">;
};

export const slotOf = ({ chainId, contract, account, effect }: Slot): string =>
  `begun.${[chainId, contract, account, effect.event, effect.room ?? ""].join(".").toLowerCase()}`;

const forgetful = new Map<string, string>(); // what the browser did not store
const listeners = new Set<() => void>();

export function begunAt(slot: string): Begun | null {
  const kept = recall(slot) ?? forgetful.get(slot);
  if (kept === undefined) return null;
  try {
    return JSON.parse(kept) as Begun;
  } catch {
    return null;
  }
}

/** Whether it outlives a reload. */
export function keepBegun(record: Begun): boolean {
  const slot = slotOf(record);
  const text = JSON.stringify(record);
  remember(slot, text);
  const stored = recall(slot) === text;
  if (!stored) forgetful.set(slot, text);
  tell();
  return stored;
}

/** Forgets it, if it is still this one. */
export function dropBegun(record: Begun): void {
  const slot = slotOf(record);
  if (begunAt(slot)?.id !== record.id) return;
  remember(slot, null);
  forgetful.delete(slot);
  tell();
}

/** Hears of changes, of other tabs too; a signal only, which may be lost. */
export function onBegun(listener: () => void): () => void {
  if (listeners.size === 0) window.addEventListener("storage", tell);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener("storage", tell);
  };
}

function tell(): void {
  for (const listener of [...listeners]) listener();
}
