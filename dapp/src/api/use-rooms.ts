/** Lists of rooms that keep themselves true: one by a filter, and what the home page begins with. */
import { useEffect, useRef, useState } from "preact/hooks";
import { getRooms, type RoomFilter } from "./client";
import { onAirAfter, once, withPresence } from "./presence";
import type { Presence, Room, RoomList } from "./types";
import { CALM_MS, type ListSource, type WatchedList, watchList } from "./watch-list";

const PAGE = 24;

export interface Rooms {
  rooms: Room[] | null;
  /** Whether it is known who is on air; null: not asked yet. */
  presence: RoomList["presence"] | null;
  failed: boolean;
  /** Asks for the next page; null: there is none. */
  more: (() => void) | null;
}

type Filter = Pick<RoomFilter, "status" | "q" | "host" | "pending_host">;

export interface Paged extends WatchedList {
  more(): void;
}

/** So many pages of a list, each asked anew, each room once. */
async function pagesOf(filter: RoomFilter, pages: number, signal: AbortSignal): Promise<RoomList> {
  const first = await getRooms({ ...filter, limit: PAGE }, signal, "no-store");
  let last = first;
  const rooms = [...first.rooms];
  for (let page = 1; page < pages && last.next_cursor !== null; page++) {
    last = await getRooms({ ...filter, limit: PAGE, cursor: last.next_cursor }, signal, "no-store");
    rooms.push(...last.rooms);
  }
  return { ...first, rooms: once(rooms), next_cursor: last.next_cursor };
}

const take = (shown: RoomList, told: Presence[]): { answer: RoomList; missing: boolean } => ({
  answer: { ...shown, rooms: shown.rooms.map((room) => withPresence(room, told)) },
  missing: false,
});

/** Tells the list whenever it is asked; null: it could not be had. */
export function watchRooms(filter: Filter, tell: (list: RoomList | null) => void): Paged {
  let pages = 1;
  const source: ListSource<RoomList> = {
    get: (signal) => pagesOf(filter, pages, signal),
    block: ({ index }) => index?.block ?? 0,
    rooms: ({ rooms }) => rooms,
    // who is on air, and when a host's own room is ready, only a question tells for sure
    waits: (shown) => (shown?.rooms.some((room) => room.status !== "ended") === false ? "calm" : "awaited"),
    take,
    calm: CALM_MS,
  };
  const list = watchList(source, tell);
  return {
    ...list,
    more() {
      pages += 1;
      list.ask();
    },
  };
}

export interface HomeRooms {
  onAir: RoomList;
  open: RoomList;
}

/** Those on air and all open ones, asked together, over one stream. `more`: of both. */
export function watchHome(tell: (home: HomeRooms | null) => void): Paged {
  let pages = 1;
  const source: ListSource<HomeRooms> = {
    async get(signal) {
      const lists = [{ live: true } as const, { status: "active" }].map((filter) => pagesOf(filter, pages, signal));
      const [onAir, open] = (await Promise.all(lists)) as [RoomList, RoomList];
      return { onAir, open };
    },
    block: ({ open }) => open.index?.block ?? 0,
    rooms: ({ open }) => open.rooms,
    waits: () => "awaited",
    take({ onAir, open }, told) {
      const after = take(open, told).answer;
      const { rooms, missing } = onAirAfter(onAir.rooms, after.rooms, told);
      return { answer: { onAir: { ...onAir, rooms }, open: after }, missing };
    },
    calm: CALM_MS,
  };
  const list = watchList(source, tell);
  return {
    ...list,
    more() {
      pages += 1;
      list.ask();
    },
  };
}

interface Watching<T> {
  answer: T | null;
  failed: boolean;
  more: () => void;
}

/** What `watch` tells, anew for each `about`. */
function useWatched<T>(watch: (tell: (answer: T | null) => void) => Paged, about: string): Watching<T> {
  const [answer, setAnswer] = useState<T | null>(null);
  const [failed, setFailed] = useState(false);
  const watching = useRef<Paged | null>(null);
  useEffect(() => {
    setAnswer(null);
    watching.current = watch((found) => {
      setFailed(found === null);
      if (found !== null) setAnswer(found);
    });
    return watching.current.stop;
  }, [about]);
  return { answer, failed, more: () => watching.current?.more() };
}

export function useRooms({ status, q, host, pending_host }: Filter): Rooms {
  const filter = { status, q, host, pending_host };
  const { answer, failed, more } = useWatched<RoomList>((tell) => watchRooms(filter, tell), JSON.stringify(filter));
  return {
    rooms: answer?.rooms ?? null,
    presence: answer?.presence ?? null,
    failed,
    more: (answer?.next_cursor ?? null) === null ? null : more,
  };
}

export interface Home extends Pick<Rooms, "failed" | "more" | "presence"> {
  onAir: Room[];
  open: Room[] | null;
}

export function useHome(): Home {
  const { answer, failed, more } = useWatched<HomeRooms>(watchHome, "");
  const isMore = answer !== null && (answer.onAir.next_cursor !== null || answer.open.next_cursor !== null);
  return {
    onAir: answer?.onAir.rooms ?? [],
    open: answer?.open.rooms ?? null,
    presence: answer?.onAir.presence ?? null,
    failed,
    more: isMore ? more : null,
  };
}
