/**
 * A room as the contract has it now, with its terms: what ending it costs, and what an heir takes over.
 * Pure but for `readStanding`.
 */
import { STATUSES } from "./enums";
import { type CallTarget, type RoomView, type Terms, view } from "./views";

export interface Standing {
  room: RoomView;
  terms: Terms;
}

export async function readStanding(at: CallTarget, room: bigint): Promise<Standing> {
  const found = await view(at, "room", [room]);
  return { room: found, terms: await view(at, "terms", [found.termsId]) };
}

export interface Ending {
  /** "expire" is anybody's, once the room's time is up or its operator is gone; it forfeits nothing. */
  call: "end" | "expire";
  /** Goes to the operator, since the room is ended before it was set up or could not be. */
  costs: bigint;
  /** From when nothing is forfeited, in unix seconds. */
  freeAt: number;
}

export function endingOf({ room, terms }: Standing): Ending {
  const status = STATUSES[room.status];
  const over = status !== "ended" && STATUSES[room.effectiveStatus] === "ended";
  return {
    call: over ? "expire" : "end",
    costs: status === "pending" && !over ? terms.fee : 0n,
    freeAt: Number(room.createdAt) + terms.fulfillDeadlineSeconds,
  };
}

export const eventsLeft = ({ room, terms }: Standing): number => Math.max(0, terms.maxRoomEvents - room.events);

/** Below this, a new host may soon be able to do nothing but end the room. */
export const FEW_EVENTS = 8;
