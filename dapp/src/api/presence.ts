/**
 * Who is on air, in answers that are shown already: what the stream's `presence` tells is put into them at once.
 *
 * Promises: a room stands once in each list; what is on air is in the API's order, latest first.
 * Assumes: an answer may be some seconds older than the stream, since the API has several processes. So what was
 * told lately is put into the next answer, too; after that the answer is believed, for events get lost.
 */
import { roomNumber } from "../base/room-id";
import type { Presence, Room } from "./types";

const LATELY_MS = 3_000; // every process of the server knows of it by then
const PLANNED_S = 7_200; // so long after its start a lesson may still begin

/** What was told lately of who is on air. */
export class Lately {
  private told: [at: number, rooms: Presence[]][] = [];

  note(rooms: Presence[]): void {
    this.told.push([Date.now(), rooms]);
  }

  /** Oldest first, for an answer that was asked for at `askedAt`. */
  since(askedAt: number): Presence[] {
    this.told = this.told.filter(([at]) => at > askedAt - LATELY_MS);
    return this.told.flatMap(([, rooms]) => rooms);
  }
}

/** The room with the last of what is told of it; the same object where nothing is. */
export function withPresence<R extends Presence>(room: R, told: Presence[]): R {
  const change = told.findLast(({ room_id }) => room_id === room.room_id);
  if (change === undefined) return room;
  const { live, live_since, viewers } = change;
  return { ...room, live, live_since, viewers };
}

/** Rooms that were on air, after what is told; `known`: where else a room may be found that went on air. */
export function onAirAfter(
  onAir: Room[],
  known: Room[],
  told: Presence[],
): { rooms: Room[] /** One is on air that nobody here knows. */; missing: boolean } {
  const rooms = new Map(onAir.map((room) => [room.room_id, room]));
  let missing = false;
  for (const change of told) {
    const room = rooms.get(change.room_id) ?? known.find(({ room_id }) => room_id === change.room_id);
    if (change.live !== true) rooms.delete(change.room_id);
    else if (room === undefined) missing = true;
    else rooms.set(room.room_id, withPresence(room, [change]));
  }
  return { rooms: [...rooms.values()].sort(latestFirst), missing };
}

function latestFirst(one: Room, other: Room): number {
  const later = (other.live_since ?? 0) - (one.live_since ?? 0);
  return later !== 0 ? later : Number(roomNumber(other.room_id) - roomNumber(one.room_id));
}

/** Pages of one list, each room once; what comes first is believed. */
export function once(rooms: Room[]): Room[] {
  const found = new Map<string, Room>();
  for (const room of rooms) if (!found.has(room.room_id)) found.set(room.room_id, room);
  return [...found.values()];
}

export interface Sections {
  onAir: Room[];
  open: Room[];
  /** Known not to be on air, and nothing planned. */
  quiet: Room[];
}

/** What is on air, the other open rooms, and apart from them those where nothing happens. */
export function sectionsOf(onAir: Room[], open: Room[], now: number): Sections {
  const shown = new Set(onAir.map((room) => room.room_id));
  const others = open.filter((room) => !shown.has(room.room_id));
  const planned = ({ starts_at }: Room) => starts_at !== null && starts_at > now - PLANNED_S;
  const isQuiet = (room: Room) => room.expirable || (room.live === false && !planned(room));
  return { onAir, open: others.filter((room) => !isQuiet(room)), quiet: others.filter(isQuiet) };
}
