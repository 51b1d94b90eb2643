/**
 * What a browser keeps in IndexedDB. Promises: every question is over within seconds, with its answer or
 * `KeysUnavailable`, since some browsers never answer an `open`.
 */
import type { KeysMissing } from "../contract/failures";

const PATIENCE_MS = 5_000;

export class KeysUnavailable extends Error {
  constructor(readonly why: KeysMissing) {
    super(why);
  }
}

/** Resolves or throws `KeysUnavailable`; `late` gets an answer that nobody waits for any more. */
export function bounded<T>(work: Promise<T>, late: (found: T) => void = () => {}): Promise<T> {
  return new Promise((resolve, reject) => {
    let over = false;
    const timer = setTimeout(() => {
      over = true;
      reject(new KeysUnavailable("silent"));
    }, PATIENCE_MS);
    work.then(
      (found) => {
        clearTimeout(timer);
        if (over) late(found);
        resolve(found);
      },
      (error) => {
        clearTimeout(timer);
        reject(unavailable(error));
      },
    );
  });
}

export function unavailable(error: unknown): KeysUnavailable {
  if (error instanceof KeysUnavailable) return error;
  return new KeysUnavailable((error as DOMException | null)?.name === "QuotaExceededError" ? "full" : "refused");
}

function open(name: string, store: string, keyPath: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(name, 1); // blocked by another tab: no answer
    asked.onupgradeneeded = () => asked.result.createObjectStore(store, { keyPath });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

type InStore = <T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>) => Promise<T>;

/** A database with one store in it. Each work is one transaction: done as a whole, or not at all. */
export function browserStore(name: string, store: string, keyPath: string): InStore {
  const close = (database: IDBDatabase) => database.close();
  return async (mode, work) => {
    const database = await bounded(open(name, store, keyPath), close);
    database.onversionchange = () => close(database); // never in another tab's way
    try {
      return await bounded(
        new Promise((resolve, reject) => {
          const transaction = database.transaction(store, mode, { durability: "strict" });
          const asked = work(transaction.objectStore(store));
          transaction.oncomplete = () => resolve(asked.result);
          transaction.onabort = () => reject(transaction.error);
        }),
      );
    } finally {
      close(database);
    }
  };
}
