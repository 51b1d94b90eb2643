/** What a browser holds for all tabs of a page: storage, which may be full, and locks. */
import { sleep } from "../src/base/time";

/** `localStorage` or `sessionStorage`, on top of what is kept. */
export const storage = (kept: Map<string, string>, full = () => false) => ({
  getItem: (name: string) => kept.get(name) ?? null,
  setItem(name: string, value: string) {
    if (full()) throw new DOMException("x", "QuotaExceededError");
    kept.set(name, value);
  },
  removeItem: (name: string) => kept.delete(name),
});

/** `navigator.locks`; a name among `held` is some tab's. */
export const locks = (held: Set<string>) => ({
  async request(name: string, { signal }: { signal: AbortSignal }, work: () => unknown) {
    while (held.has(name)) {
      await sleep(10);
      signal.throwIfAborted();
    }
    held.add(name);
    try {
      return await work();
    } finally {
      held.delete(name);
    }
  },
});
