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

/** Resolves while the tab can be seen. */
export function tabVisible(signal: AbortSignal): Promise<void> {
  if (document.visibilityState === "visible") return Promise.resolve();
  return new Promise((resolve, reject) => {
    document.addEventListener("visibilitychange", look, { signal });
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    function look() {
      if (document.visibilityState !== "visible") return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    }
  });
}

/** A signal that aborts with `outer`, or after `ms`. */
export function within(ms: number, outer?: AbortSignal): AbortSignal {
  const limit = AbortSignal.timeout(ms);
  return outer ? AbortSignal.any([outer, limit]) : limit;
}

const MOST_ASKED_MS = 120_000; // a server that asks for an hour must not silence a page that long

/**
 * Milliseconds that an answer asks to wait (`Retry-After`, as seconds or a date), at most two
 * minutes; 0: it does not say.
 */
export function retryAfter(headers: Headers, now = Date.now()): number {
  const said = headers.get("Retry-After") ?? "";
  const seconds = Number(said);
  const wait = Number.isNaN(seconds) ? Date.parse(said) - now : 1_000 * seconds;
  return Number.isNaN(wait) ? 0 : Math.min(MOST_ASKED_MS, Math.max(0, wait));
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
  /** Milliseconds to wait now; not less than the server `asked` for, nor all at the same moment. */
  take(asked = 0): number {
    const wait = this.next;
    this.next = Math.min(this.most, wait * 2);
    return Math.max(asked * (1 + this.random()), wait * (0.8 + 0.2 * this.random()));
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

/** Unix seconds as a browser's date and time field has them, in the reader's zone, to the minute; 0: "". */
export function localInput(at: number): string {
  if (at === 0) return "";
  const moment = new Date(1_000 * at);
  return new Date(moment.getTime() - 60_000 * moment.getTimezoneOffset()).toISOString().slice(0, 16);
}

/** The other way round; "" and what is no time: 0. */
export function ofLocalInput(text: string): number {
  const moment = text === "" ? NaN : new Date(text).getTime();
  return Number.isNaN(moment) ? 0 : Math.max(0, Math.floor(moment / 1_000));
}

export const timeZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;
