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
