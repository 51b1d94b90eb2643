/**
 * When a page asks a video server again. Promises: quickly after what may be over in a moment,
 * slowly while a server cannot, rarely where it will not; never before it allows (`Retry-After`).
 */
import { Backoff } from "../base/time";
import type { Refusal } from "./signalling";

/** Why nothing can be had of the server now; `unsupported`: this browser cannot receive at all. */
export type Trouble = Exclude<Refusal, "not-live"> | "unsupported";

/** Whether it may be over in a moment. */
export const isPassing = (why: Refusal | Trouble): boolean => why === "busy" || why === "unreachable";

/** Something threw that is no answer of a server. */
export const unexplained = (): Trouble => (typeof RTCPeerConnection === "undefined" ? "unsupported" : "busy");

export class Retries {
  private readonly quick: Backoff;
  private readonly slow: Backoff; // it cannot now
  private readonly hardly: Backoff; // it will not, unless something changes

  /** `first`, `most`: milliseconds of the quick ones. */
  constructor(
    first: number,
    most: number,
    private readonly random: () => number,
  ) {
    this.quick = new Backoff(first, most, random);
    this.slow = new Backoff(3_000, 30_000, random);
    this.hardly = new Backoff(10_000, 60_000, random);
  }

  /** Milliseconds to wait while nothing is refused; the server `asked` for so many. */
  soon(asked = 0): number {
    return Math.max(asked, this.quick.take());
  }

  /** Milliseconds to wait because of `why`. */
  later(why: Trouble, asked = 0): number {
    const pace = isPassing(why) ? this.slow : this.hardly;
    return Math.max(asked * (1 + 0.2 * this.random()), pace.take());
  }

  /** The server answers again, though there is nothing to see. */
  answered(): void {
    this.slow.reset();
    this.hardly.reset();
  }

  /** There is something to see. */
  reset(): void {
    this.answered();
    this.quick.reset();
  }
}
