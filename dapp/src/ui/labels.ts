/** Labels for a room's state and its end, in the reader's language. */
import type { Access, End, Room } from "../api/types";
import type { Catalogue } from "../i18n";
import type { Tone } from "./pill";

export function endLabel(t: Catalogue, end: Pick<End, "reason" | "detail">): string {
  if (end.reason === "declined") return t.end.declined[end.detail] ?? t.end.declined[4] ?? "";
  if (end.reason === "taken_down") return t.end.takenDown[end.detail] ?? t.end.takenDown[4] ?? "";
  return t.end[end.reason] ?? "";
}

/** Whom the operator's playback tokens let in. */
export const accessLabel = (t: Catalogue, access: Access): string => t.access[access];

/** A room's state in a word. `live`: whether it is on air, where somebody knows better than the API; null: nobody. */
export function stateLabel(
  t: Catalogue,
  room: Pick<Room, "status" | "end" | "expirable" | "access" | "live">,
  live: boolean | null = room.live,
): [Tone, string] {
  if (room.status === "ended") {
    return room.end?.reason === "taken_down" ? ["bad", t.room.takenDown] : ["off", t.room.ended];
  }
  if (room.expirable === true) return ["off", t.room.expired];
  if (room.status === "pending") return ["wait", t.room.preparing];
  if (live === true) return ["live", t.room.live];
  if (room.access !== "public") return ["good", accessLabel(t, room.access)];
  return live === false ? ["off", t.room.notLive] : ["good", t.room.open];
}
