/** A room's events, asked again until all that the room is known to have are there. */
import { useEffect, useState } from "preact/hooks";
import { Backoff, sleep } from "../base/time";
import { getEvents } from "./client";
import type { Room, RoomEvent } from "./types";

export async function eventsOf(room: Room, signal: AbortSignal): Promise<RoomEvent[]> {
  const backoff = new Backoff(300, 15_000);
  for (;;) {
    const found = await getEvents(room.room_id, signal).catch(() => null);
    if (found !== null && found.length >= room.events) return found;
    await sleep(backoff.take(), signal);
  }
}

/** null: not there yet. */
export function useEvents(room: Room): RoomEvent[] | null {
  const [events, setEvents] = useState<RoomEvent[] | null>(null);
  useEffect(() => {
    const stopping = new AbortController();
    eventsOf(room, stopping.signal).then(setEvents, () => {
      // no longer wanted
    });
    return () => stopping.abort();
  }, [room.room_id, room.events, room.updated.block_hash]);
  return events;
}
