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
    | "RoomDescribed"
    | "RoomRekeyed"
    | "RoomTransferStarted"
    | "RoomTransferred"
    | "RoomEnded"
    | "Withdrawn";
  /** The room's number in decimals; null: of a room that does not exist yet, or of none. */
  room: string | null;
  /** What the event must say. */
  args: { ingestKey?: Hex; title?: string; startsAt?: number; details?: string; to?: Hex };
}

export interface Creation {
  termsId: number;
  operatorId: number;
  mode: Mode;
  /** Who may watch; the contract's own address: by invitation only. */
  gate: Hex;
  ingestKey: Hex;
  title: string;
  value: bigint;
}

export function createRoom(room: Creation): Call {
  const mode = MODES.indexOf(room.mode);
  const args = [room.termsId, room.operatorId, mode, room.gate, room.ingestKey, room.title] as const;
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

/** `startsAt` in unix seconds; 0: not told. */
export const describeRoom = (room: bigint, startsAt: number, details: string): Call => ({
  data: encodeFunctionData({ abi, functionName: "describeRoom", args: [room, startsAt, details] }),
  value: 0n,
  effect: { event: "RoomDescribed", room: String(room), args: { startsAt, details: stored(details) } },
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

/** `tag`: the room's as it was shown; if host or key have changed since, the contract refuses. */
export const acceptRoom = (room: bigint, tag: Hex, ingestKey: Hex): Call => ({
  data: encodeFunctionData({ abi, functionName: "acceptRoom", args: [room, tag, ingestKey] }),
  value: 0n,
  effect: { event: "RoomTransferred", room: String(room), args: { ingestKey } },
});

export const endRoom = (room: bigint): Call => ({
  data: encodeFunctionData({ abi, functionName: "endRoom", args: [room] }),
  value: 0n,
  effect: { event: "RoomEnded", room: String(room), args: {} },
});

/** A room whose time is up, or whose operator is gone: all comes back. */
export const expireRoom = (room: bigint): Call => ({
  data: encodeFunctionData({ abi, functionName: "expire", args: [[room]] }),
  value: 0n,
  effect: { event: "RoomEnded", room: String(room), args: {} },
});

export const withdrawTo = (to: Hex): Call => ({
  data: encodeFunctionData({ abi, functionName: "withdrawTo", args: [to] }),
  value: 0n,
  effect: { event: "Withdrawn", room: null, args: { to } },
});

/** A text as the chain gives it back: what is no Unicode is replaced when it is encoded. */
const stored = (text: string): string =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));

/** A text's length as the contract counts it. */
export const textBytes = (text: string): number => new TextEncoder().encode(text).length;
export const MAX_TITLE_BYTES = 96;
