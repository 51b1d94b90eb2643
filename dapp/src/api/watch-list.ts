/**
 * Keeps an answer with several rooms true: asked again when the stream tells of a change on the chain, or of
 * somebody on air whom the answer lacks, and by a slow question of our own. Whom it has is changed at once.
 */
import { ApiError } from "./client";
import { liveQuery, type StreamSignal } from "./live-query";
import { Newest, type Outcome, type Waits } from "./polling";
import { Lately } from "./presence";
import type { Presence, Room } from "./types";

export const CALM_MS = 1_500; // many changes at once are one question
const SETTLE_MS = 150; // every process of the server knows of a change by then
const ABSENT_MS = 5_000; // where many go on and off air, each reader asks so seldom

export interface ListSource<T> {
  get(signal: AbortSignal): Promise<T>;
  /** The index's block that it was answered at. */
  block(answer: T): number;
  /** All rooms in it. */
  rooms(answer: T): Room[];
  waits(shown: T | null): Waits;
  /** The answer after what is told of who is on air. `missing`: only a question tells the rest. */
  take(shown: T, told: Presence[]): { answer: T; missing: boolean };
  /** Milliseconds between two questions because of the chain. */
  calm: number;
}

export interface WatchedList {
  /** Asks now. */
  ask(): void;
  stop(): void;
}

/** Tells each answer; null: it could not be had. */
export function watchList<T>(source: ListSource<T>, tell: (answer: T | null) => void): WatchedList {
  const newest = new Newest();
  const lately = new Lately();
  let shown: T | null = null;
  let askedAt = 0;
  let changedAt = -Infinity;
  let early = false;

  function hear(signal: StreamSignal): number | null {
    if (signal.kind === "position") return null; // the opening is asked about already
    if (signal.kind === "presence") return hearPresence(signal.rooms);
    if (signal.kind === "reset") newest.forget();
    changedAt = Date.now();
    return Math.max(SETTLE_MS, askedAt + source.calm - changedAt);
  }

  function hearPresence(told: Presence[]): number | null {
    lately.note(told);
    if (shown === null) return null;
    const { answer, missing } = source.take(shown, told);
    shown = answer;
    tell(answer);
    return missing ? Math.max(SETTLE_MS, askedAt + ABSENT_MS - Date.now()) : null;
  }

  async function ask(signal: AbortSignal): Promise<Outcome> {
    askedAt = Date.now();
    try {
      const found = await source.get(signal);
      const block = source.block(found);
      const same = shown !== null && marks(source.rooms(found)) === marks(source.rooms(shown));
      const behind = newest.isAfter(block);
      if (!behind) {
        newest.take(block, same);
        shown = source.take(found, lately.since(askedAt)).answer;
        tell(shown);
        query.listen();
      }
      // behind, or asked before every process knew of the last change
      if ((behind || askedAt - changedAt < SETTLE_MS) && !early) {
        early = true;
        return { kind: "early", after: CALM_MS };
      }
      early = false;
      return { kind: "told", news: !same && !behind };
    } catch (error) {
      const { status, retryAfter } = error instanceof ApiError ? error : new ApiError(0, "");
      if (!signal.aborted && (status !== 429 || shown === null)) tell(null);
      return { kind: "failed", retryAfter };
    }
  }

  const query = liveQuery(null, { ask, hear, waits: () => source.waits(shown) });
  return query;
}

/** What of rooms the chain tells: who is on air, or how many watch, makes nobody ask more often. */
const marks = (rooms: Room[]): string =>
  JSON.stringify(rooms.map((room) => [room.room_id, room.last_seq, room.status]));
