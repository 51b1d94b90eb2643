/** A list of rooms that keeps itself up to date: the first page is asked again on each change. */
import { useEffect, useRef, useState } from "preact/hooks";
import { getRooms } from "../api/client";
import { follow } from "../api/feed";
import type { Room } from "../api/types";
import { Backoff } from "../base/time";

const PAGE = 24;
const CALM_MS = 1_500; // many changes at once are one question
const SETTLE_MS = 150; // every process of the server knows of a change by then

export interface Rooms {
  rooms: Room[] | null;
  failed: boolean;
  /** Asks for the next page; null: there is none. */
  more: (() => void) | null;
}

export function useRooms(filter: { status?: string; q?: string; host?: string }): Rooms {
  const [rooms, setRooms] = useState<Room[] | null>(null);
  const [failed, setFailed] = useState(false);
  const [cursor, setCursor] = useState<string | null>(null);
  const pages = useRef(1);
  const { status, q, host } = filter;

  useEffect(() => {
    const stopping = new AbortController();
    const backoff = new Backoff(1_000, 15_000);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    pages.current = 1;
    setRooms(null);

    async function ask() {
      clearTimeout(timer);
      last = Date.now();
      try {
        const found = await getRooms({ status, q, host, limit: PAGE }, stopping.signal);
        backoff.reset();
        setFailed(false);
        setRooms((before) => (pages.current > 1 ? merged(found.rooms, before ?? []) : found.rooms));
        if (pages.current === 1) setCursor(found.next_cursor);
      } catch {
        if (stopping.signal.aborted) return;
        setFailed(true);
        timer = setTimeout(ask, backoff.take());
      }
    }

    function changed() {
      clearTimeout(timer);
      timer = setTimeout(ask, Math.max(SETTLE_MS, last + CALM_MS - Date.now()));
    }

    void ask();
    const unfollow = follow(null, changed);
    return () => {
      stopping.abort();
      clearTimeout(timer);
      unfollow();
    };
  }, [status, q, host]);

  async function next() {
    if (cursor === null) return;
    try {
      const found = await getRooms({ status, q, host, limit: PAGE, cursor });
      pages.current += 1;
      setRooms((before) => merged(before ?? [], found.rooms));
      setCursor(found.next_cursor);
    } catch {
      setFailed(true);
    }
  }

  return { rooms, failed, more: cursor === null ? null : () => void next() };
}

/** Both lists, each room once, newest first; what comes first is believed. */
export function merged(first: Room[], then: Room[]): Room[] {
  const known = new Set(first.map((room) => room.room_id));
  const all = [...first, ...then.filter((room) => !known.has(room.room_id))];
  return all.sort((one, other) => number(other) - number(one));
}

const number = (room: Room) => Number(room.room_id.slice(5));
