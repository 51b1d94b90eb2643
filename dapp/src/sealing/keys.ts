/**
 * The keys of this browser's rooms: X25519 pairs whose private half cannot be read out, in
 * IndexedDB.
 *
 * Promises: a key is stored before its public half is used anywhere, and survives a reload; every
 * tab of this browser sees the same keys. What is stored beside a key: the room's draft, so that a
 * creation under way is found again after a reload.
 */
import { sameHex, toHex } from "../base/hex";
import type { Mode } from "../contract/enums";

const DATABASE = "livestream-rooms";
const STORE = "keys";

export interface Draft {
  title: string;
  mode: Mode;
  host: string;
  tx: `0x${string}` | null;
}

export interface KeptKey {
  /** 0x and 64 hex digits; the store's key. */
  publicKey: `0x${string}`;
  pair: CryptoKeyPair;
  chainId: number;
  contract: string;
  createdAt: number;
  /** A room's creation under way; null once the room is known. */
  draft: Draft | null;
}

export class KeysUnavailable extends Error {}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "publicKey" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
    asked.onblocked = () => reject(asked.error);
  });
}

async function inStore<T>(mode: IDBTransactionMode, work: (keys: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  let database: IDBDatabase;
  try {
    database = await open();
  } catch {
    throw new KeysUnavailable("IndexedDB");
  }
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const asked = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** Makes a key and keeps it. Throws `KeysUnavailable` where the browser cannot. */
export async function newKey(about: Pick<KeptKey, "chainId" | "contract" | "draft">): Promise<KeptKey> {
  let pair: CryptoKeyPair;
  try {
    pair = (await crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"])) as CryptoKeyPair;
  } catch {
    throw new KeysUnavailable("X25519");
  }
  const raw = await crypto.subtle.exportKey("raw", pair.publicKey);
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

export const saveKey = (kept: KeptKey) => inStore("readwrite", (keys) => keys.put(kept));
export const dropKey = (publicKey: string) => inStore("readwrite", (keys) => keys.delete(publicKey));
export const findKey = (publicKey: string) =>
  inStore<KeptKey | undefined>("readonly", (keys) => keys.get(publicKey.toLowerCase()));

/** Every key for a contract, newest first. */
export async function allKeys(chainId: number, contract: string): Promise<KeptKey[]> {
  const all = await inStore<KeptKey[]>("readonly", (keys) => keys.getAll());
  return all
    .filter((kept) => kept.chainId === chainId && sameHex(kept.contract, contract))
    .sort((one, other) => other.createdAt - one.createdAt);
}
