/**
 * When to ask the API. Events make a page quick, a slow question makes it true: whatever only
 * signals may come late, be held back by a proxy, or never come.
 *
 * Promises: one question at a time, one timer. Nothing is asked while the stream is heard (its beats
 * come every 15 s) and nothing is awaited. Without a stream, or while something is awaited, a
 * question follows the last one after 5 to 15 s; a hidden tab asks nothing, and at once on return.
 * Before the end of a server's `Retry-After` nothing asks, whatever is signalled.
 * Assumes: `Date.now`, `setTimeout` and the document's visibility alone, so that tests may own them.
 */
import { Backoff } from "../base/time";

/** What the shown state waits for: a change soon (or one that only a question shows), any change, hardly one, none. */
export type Waits = "awaited" | "calm" | "over" | "settled";

export type Outcome =
  | { kind: "told"; news: boolean }
  /** Older than what was announced: worth another question after so many milliseconds. */
  | { kind: "early"; after: number }
  | { kind: "failed"; retryAfter: number };

const QUIET_MS = 20_000; // without a ping for so long, a stream counts for nothing
const LEAST_MS = 5_000;
const FIRST_MS = 6_000;
const MOST_MS = 15_000;
const OVER_MS = 120_000;
const SPREAD_MS = 1_000; // a server's restart is noticed by everybody at once

/**
 * Milliseconds from one question to the next. `heard`: the stream works; `calm`: questions in a row
 * that found nothing new; `chance`: 0 to 1.
 */
export function pollPause(waits: Waits, heard: boolean, calm: number, chance: number): number {
  const shorter = 0.85 + 0.15 * chance;
  if (waits === "settled" || (heard && waits !== "awaited")) return Infinity;
  if (waits === "over") return OVER_MS * shorter;
  return (heard ? MOST_MS : Math.min(MOST_MS, FIRST_MS * 1.5 ** calm)) * shorter;
}

export class Poller {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private busy = false;
  private stopped = false;
  private hidden = false;
  private askedAt = 0;
  private heardAt: number | null = null;
  private wantedAt: number | null = null; // a signal's question
  private retryAt: number | null = null; // instead of the own pace
  private refusedUntil = 0; // the server's own word
  private calm = 0;
  private chance = Math.random();
  private readonly backoff = new Backoff(600, MOST_MS);

  constructor(
    private readonly ask: () => Promise<Outcome>,
    private readonly waits: () => Waits,
  ) {}

  /** The first question, which even a hidden tab asks. */
  begin(): void {
    document.addEventListener("visibilitychange", this.look);
    void this.question();
    this.hidden = document.visibilityState === "hidden";
  }

  /** Asks within `ms`; what is asked before that serves as well. */
  soon(ms = 0): void {
    this.wantedAt = Math.min(this.wantedAt ?? Infinity, Date.now() + ms);
    this.plan();
  }

  /** Something came over the stream. */
  heard(): void {
    this.heardAt = Date.now();
    this.plan();
  }

  /** The stream is gone; perhaps the server with it, which is worth a question. */
  lost(): void {
    const earliest = this.askedAt + LEAST_MS - Date.now();
    if (this.heardAt !== null) this.soon(Math.max(earliest, SPREAD_MS * this.chance));
    this.heardAt = null;
    this.plan();
  }

  stop(): void {
    this.stopped = true;
    document.removeEventListener("visibilitychange", this.look);
    clearTimeout(this.timer);
  }

  private readonly look = (): void => {
    this.hidden = document.visibilityState === "hidden";
    if (this.hidden) clearTimeout(this.timer);
    else this.soon();
  };

  private async question(): Promise<void> {
    if (this.busy || this.stopped) return;
    clearTimeout(this.timer);
    this.busy = true;
    this.wantedAt = null;
    this.askedAt = Date.now();
    const outcome = await this.ask();
    this.busy = false;
    this.chance = Math.random();
    this.retryAt = null;
    if (outcome.kind === "early") this.retryAt = Date.now() + outcome.after;
    if (outcome.kind === "failed") {
      this.retryAt = Date.now() + this.backoff.take(outcome.retryAfter);
      if (outcome.retryAfter > 0) this.refusedUntil = this.retryAt;
    }
    if (outcome.kind === "told") {
      this.backoff.reset();
      this.calm = outcome.news ? 0 : this.calm + 1;
    }
    this.plan();
  }

  /** The one timer: for the next question, or for when a stream that is heard now would be silent. */
  private plan(): void {
    clearTimeout(this.timer);
    if (this.busy || this.hidden || this.stopped) return;
    const now = Date.now();
    const silentAt = this.heardAt === null ? -Infinity : this.heardAt + QUIET_MS;
    const heard = silentAt > now;
    const own = this.askedAt + pollPause(this.waits(), heard, this.calm, this.chance);
    const due = Math.max(this.refusedUntil, Math.min(this.wantedAt ?? Infinity, this.retryAt ?? own));
    if (heard && silentAt < due) {
      this.timer = setTimeout(() => this.plan(), silentAt - now);
    } else if (due !== Infinity) {
      const overdue = due < now && this.wantedAt === null ? SPREAD_MS * this.chance : 0;
      this.timer = setTimeout(() => void this.question(), Math.max(due - now, overdue));
    }
  }
}

const OLD_MS = 60_000; // a CDN may go on with an old answer for half a minute

/** Where the newest answer that is shown stands, so that none of a process behind replaces it. */
export class Newest {
  private block = -1;
  private at = -Infinity;

  /** Whether an answer from `block` is behind; after a minute it is believed (an index made anew). */
  isAfter(block: number): boolean {
    return block < this.block && Date.now() - this.at < OLD_MS;
  }

  /** `same`: it tells what is shown already. */
  take(block: number, same: boolean): void {
    this.block = same ? Math.max(this.block, block) : block;
    this.at = Date.now();
  }

  /** A reorg: anything may be true now. */
  forget(): void {
    this.block = -1;
  }
}
