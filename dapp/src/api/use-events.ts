/** A room's events, asked again until all that the room is known to have are there. */
import { useEffect, useState } from "preact/hooks";
import { Backoff } from "../base/time";
import { askUntil, getEvents } from "./client";
import type { Room, RoomEvent } from "./types";

export function eventsOf(room: Room, signal: AbortSignal): Promise<RoomEvent[]> {
  const all = async () => {
    const found = await getEvents(room.room_id, signal);
    return found.length >= room.events ? found : null;
  };
  return askUntil(all, new Backoff(300, 15_000), signal);
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
