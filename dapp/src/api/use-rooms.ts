/** A list of rooms that keeps itself true: the first page is asked again on each change. */
import { useEffect, useRef, useState } from "preact/hooks";
import { roomNumber } from "../base/room-id";
import { ApiError, getRooms } from "./client";
import { liveQuery, type StreamSignal } from "./live-query";
import { Newest, type Outcome, type Waits } from "./polling";
import type { Room } from "./types";

const PAGE = 24;
const CALM_MS = 1_500; // many changes at once are one question
const SETTLE_MS = 150; // every process of the server knows of a change by then

export interface Rooms {
  rooms: Room[] | null;
  failed: boolean;
  /** Asks for the next page; null: there is none. */
  more: (() => void) | null;
}

interface Filter {
  status?: string | undefined;
  q?: string | undefined;
  host?: string | undefined;
  /** Rooms not over that are offered to this account. */
  pending_host?: string | undefined;
}

/** Tells the first page and its cursor whenever it is asked; null: it could not be had. */
export function watchRooms(filter: Filter, tell: (rooms: Room[] | null, cursor: string | null) => void): () => void {
  const newest = new Newest();
  let shown: Room[] | null = null;
  let askedAt = 0;
  let changedAt = -Infinity;
  let early = false;

  function hear(signal: StreamSignal): number | null {
    if (signal.kind === "position") return null; // the opening is asked about already
    if (signal.kind === "reset") newest.forget();
    changedAt = Date.now();
    return Math.max(SETTLE_MS, askedAt + CALM_MS - changedAt);
  }

  async function ask(signal: AbortSignal): Promise<Outcome> {
    askedAt = Date.now();
    try {
      const { rooms, next_cursor, index } = await getRooms({ ...filter, limit: PAGE }, signal, "no-store");
      const block = index?.block ?? 0;
      const same = JSON.stringify(rooms) === JSON.stringify(shown);
      const behind = newest.isAfter(block);
      if (!behind) {
        newest.take(block, same);
        shown = rooms;
        tell(rooms, next_cursor);
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
      if (!signal.aborted && (status !== 429 || shown === null)) tell(null, null);
      return { kind: "failed", retryAfter };
    }
  }

  /** A host's own rooms are awaited; of everybody's, the stream tells. */
  const waits = (): Waits => {
    const open = shown?.some((room) => room.status === "pending" || room.expirable === true);
    return filter.host !== undefined && open === true ? "awaited" : "calm";
  };
  const query = liveQuery(null, { ask, hear, waits });
  return query.stop;
}

export function useRooms(filter: Filter): Rooms {
  const [rooms, setRooms] = useState<Room[] | null>(null);
  const [failed, setFailed] = useState(false);
  const [cursor, setCursor] = useState<string | null>(null);
  const pages = useRef(1);
  const { status, q, host, pending_host } = filter;

  useEffect(() => {
    pages.current = 1;
    setRooms(null);
    return watchRooms({ status, q, host, pending_host }, (found, cursor) => {
      setFailed(found === null);
      if (found === null) return;
      setRooms((before) => (pages.current > 1 ? mergeRooms(found, before ?? []) : found));
      if (pages.current === 1) setCursor(cursor);
    });
  }, [status, q, host, pending_host]);

  async function next() {
    if (cursor === null) return;
    try {
      const found = await getRooms({ status, q, host, pending_host, limit: PAGE, cursor });
      pages.current += 1;
      setRooms((before) => mergeRooms(before ?? [], found.rooms));
      setCursor(found.next_cursor);
    } catch {
      setFailed(true);
    }
  }

  return { rooms, failed, more: cursor === null ? null : () => void next() };
}

/** Both lists, each room once, newest first; what comes first is believed. */
export function mergeRooms(first: Room[], then: Room[]): Room[] {
  const known = new Set(first.map((room) => room.room_id));
  const all = [...first, ...then.filter((room) => !known.has(room.room_id))];
  return all.sort((one, other) => Number(roomNumber(other.room_id) - roomNumber(one.room_id)));
}
