/** A room's events, asked again until all that the room is known to have are there. */
import { useEffect, useState } from "preact/hooks";
import { Backoff, sleep, tabVisible } from "../base/time";
import { ApiError, getEvents } from "./client";
import type { Room, RoomEvent } from "./types";

export async function eventsOf(room: Room, signal: AbortSignal): Promise<RoomEvent[]> {
  const backoff = new Backoff(300, 15_000);
  for (;;) {
    let asked = 0;
    try {
      const found = await getEvents(room.room_id, signal);
      if (found.length >= room.events) return found;
    } catch (error) {
      if (error instanceof ApiError) asked = error.retryAfter;
    }
    await sleep(backoff.take(asked), signal);
    await tabVisible(signal);
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
