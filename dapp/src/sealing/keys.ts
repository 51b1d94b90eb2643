/**
 * The keys of this browser's rooms: X25519 pairs whose private half cannot be read out, in
 * IndexedDB.
 *
 * Promises: a key is stored before its public half is used anywhere, and survives a reload; every
 * tab of this browser sees the same keys. A browser that cannot is told by `keysMissing` before anybody
 * is asked for anything, within seconds (`browser-store.ts`).
 */
import { sameHex, toHex } from "../base/hex";
import type { KeysMissing } from "../contract/failures";
import { bounded, browserStore, KeysUnavailable, unavailable } from "./browser-store";

const inStore = browserStore("livestream-rooms", "keys", "publicKey");

export interface KeptKey {
  /** 0x and 64 hex digits; the store's key. */
  publicKey: `0x${string}`;
  pair: CryptoKeyPair;
  chainId: number;
  contract: string;
  createdAt: number;
}

async function makePair(): Promise<CryptoKeyPair> {
  try {
    return (await bounded(crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"]))) as CryptoKeyPair;
  } catch {
    throw new KeysUnavailable("unsupported");
  }
}

/** Makes a key and keeps it. Throws `KeysUnavailable` where the browser cannot. */
export async function newKey(about: Pick<KeptKey, "chainId" | "contract">): Promise<KeptKey> {
  const pair = await makePair();
  const raw = await bounded(crypto.subtle.exportKey("raw", pair.publicKey));
  const kept: KeptKey = {
    ...about,
    publicKey: toHex(new Uint8Array(raw)),
    pair,
    createdAt: Date.now(),
  };
  await inStore("readwrite", (keys) => keys.put(kept));
  void navigator.storage?.persist?.().catch(() => false); // ask not to be evicted; best effort
  return kept;
}

/** What would stop `newKey`, tried as it does it but for a key of its own that stays; null: nothing. */
export async function keysMissing(): Promise<KeysMissing | null> {
  try {
    const pair = await makePair();
    const probe = "probe";
    await inStore("readwrite", (keys) => {
      keys.put({ publicKey: probe, pair });
      return keys.delete(probe);
    });
    return null;
  } catch (error) {
    return unavailable(error).why;
  }
}

export const dropKey = (publicKey: string) => inStore("readwrite", (keys) => keys.delete(publicKey.toLowerCase()));
export const findKey = (publicKey: string) =>
  inStore<KeptKey | undefined>("readonly", (keys) => keys.get(publicKey.toLowerCase()));

/** Every key for a contract, newest first. */
export async function allKeys(chainId: number, contract: string): Promise<KeptKey[]> {
  const all = await inStore<KeptKey[]>("readonly", (keys) => keys.getAll());
  return all
    .filter((kept) => kept.chainId === chainId && sameHex(kept.contract, contract))
    .sort((one, other) => other.createdAt - one.createdAt);
}
