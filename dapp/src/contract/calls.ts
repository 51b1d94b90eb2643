/**
 * What a host asks of the contract: as a transaction to sign, and as the event that shows that it took
 * effect, whatever became of the transaction (replaced, sent by a Safe, its hash never told).
 */
import { encodeFunctionData, type Hex, zeroAddress } from "viem";
import { abi } from "./abi";
import { MODES, type Mode } from "./enums";

export interface Call {
  data: Hex;
  value: bigint;
  effect: Effect;
}

/** May be kept as JSON. */
export interface Effect {
  event:
    | "RoomCreated"
    | "RoomUpdated"
    | "RoomRekeyed"
    | "RoomTransferStarted"
    | "RoomTransferred"
    | "RoomEnded"
    | "Withdrawn";
  /** The room's number in decimals; null: of a room that does not exist yet, or of none. */
  room: string | null;
  /** What the event must say. */
  args: { ingestKey?: Hex; title?: string; to?: Hex };
}

export interface Creation {
  operatorId: number;
  mode: Mode;
  ingestKey: Hex;
  title: string;
  value: bigint;
}

export function createRoom(room: Creation): Call {
  const mode = MODES.indexOf(room.mode);
  const args = [room.operatorId, mode, zeroAddress, room.ingestKey, room.title] as const;
  const effect: Effect = {
    event: "RoomCreated",
    room: null,
    args: { ingestKey: room.ingestKey, title: stored(room.title) },
  };
  return { data: encodeFunctionData({ abi, functionName: "createRoom", args }), value: room.value, effect };
}

export const updateRoom = (room: bigint, title: string): Call => ({
  data: encodeFunctionData({ abi, functionName: "updateRoom", args: [room, title] }),
  value: 0n,
  effect: { event: "RoomUpdated", room: String(room), args: { title: stored(title) } },
});

export const rekeyRoom = (room: bigint, ingestKey: Hex): Call => ({
  data: encodeFunctionData({ abi, functionName: "rekeyRoom", args: [room, ingestKey] }),
  value: 0n,
  effect: { event: "RoomRekeyed", room: String(room), args: { ingestKey } },
});

/** Zero takes an offer back. */
export const transferRoom = (room: bigint, to: Hex = zeroAddress): Call => ({
  data: encodeFunctionData({ abi, functionName: "transferRoom", args: [room, to] }),
  value: 0n,
  effect: { event: "RoomTransferStarted", room: String(room), args: { to } },
});

export const acceptRoom = (room: bigint, ingestKey: Hex): Call => ({
  data: encodeFunctionData({ abi, functionName: "acceptRoom", args: [room, ingestKey] }),
  value: 0n,
  effect: { event: "RoomTransferred", room: String(room), args: { ingestKey } },
});

export const endRoom = (room: bigint): Call => ({
  data: encodeFunctionData({ abi, functionName: "endRoom", args: [room] }),
  value: 0n,
  effect: { event: "RoomEnded", room: String(room), args: {} },
});

export const withdrawTo = (to: Hex): Call => ({
  data: encodeFunctionData({ abi, functionName: "withdrawTo", args: [to] }),
  value: 0n,
  effect: { event: "Withdrawn", room: null, args: { to } },
});

/** A title as the chain gives it back: what is no Unicode is replaced when it is encoded. */
const stored = (title: string): string =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(title));

/** A title's length as the contract counts it. */
export const titleBytes = (title: string): number => new TextEncoder().encode(title).length;
export const MAX_TITLE_BYTES = 96;
