/** Waiting, with an end. */

/** Resolves after `ms`, rejects with the signal's reason when it aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(done, ms);
    function done() {
      signal?.removeEventListener("abort", stop);
      resolve();
    }
    function stop() {
      clearTimeout(timer);
      reject(signal?.reason);
    }
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** A signal that aborts with `outer`, or after `ms`. */
export function within(ms: number, outer?: AbortSignal): AbortSignal {
  const limit = AbortSignal.timeout(ms);
  return outer ? AbortSignal.any([outer, limit]) : limit;
}

/** Milliseconds that an answer asks to wait (`Retry-After`, as seconds or a date); 0: it does not say. */
export function retryAfter(headers: Headers, now = Date.now()): number {
  const said = headers.get("Retry-After") ?? "";
  const seconds = Number(said);
  const wait = Number.isNaN(seconds) ? Date.parse(said) - now : 1_000 * seconds;
  return Number.isFinite(wait) ? Math.max(0, wait) : 0;
}

/** Growing waits: `first`, doubled each time, at most `most`; a fifth of each is chance. */
export class Backoff {
  private next: number;
  constructor(
    private readonly first: number,
    private readonly most: number,
    private readonly random: () => number = Math.random,
  ) {
    this.next = first;
  }
  /** Milliseconds to wait now. */
  take(): number {
    const wait = this.next;
    this.next = Math.min(this.most, wait * 2);
    return wait * (0.8 + 0.2 * this.random());
  }
  reset(): void {
    this.next = this.first;
  }
}

/**
 * Loads a part of the page until that works; `failed` hears of each attempt that did not. After an
 * update its file may be gone for good, which a reload alone mends.
 */
export async function insist<T>(load: () => Promise<T>, failed: () => void, signal: AbortSignal): Promise<T> {
  const backoff = new Backoff(2_000, 60_000);
  for (;;) {
    try {
      return await load();
    } catch {
      signal.throwIfAborted();
      failed();
      await sleep(backoff.take(), signal);
    }
  }
}
