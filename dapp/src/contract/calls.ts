/** What a host asks of the contract, as transactions to sign. */
import { encodeFunctionData, type Hex, zeroAddress } from "viem";
import { abi } from "./abi";
import { MODES, type Mode } from "./enums";

export interface Call {
  data: Hex;
  value: bigint;
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
  return { data: encodeFunctionData({ abi, functionName: "createRoom", args }), value: room.value };
}

export const updateRoom = (room: bigint, title: string): Call => ({
  data: encodeFunctionData({ abi, functionName: "updateRoom", args: [room, title] }),
  value: 0n,
});

export const rekeyRoom = (room: bigint, ingestKey: Hex): Call => ({
  data: encodeFunctionData({ abi, functionName: "rekeyRoom", args: [room, ingestKey] }),
  value: 0n,
});

/** Zero takes an offer back. */
export const transferRoom = (room: bigint, to: Hex = zeroAddress): Call => ({
  data: encodeFunctionData({ abi, functionName: "transferRoom", args: [room, to] }),
  value: 0n,
});

export const acceptRoom = (room: bigint, ingestKey: Hex): Call => ({
  data: encodeFunctionData({ abi, functionName: "acceptRoom", args: [room, ingestKey] }),
  value: 0n,
});

export const endRoom = (room: bigint): Call => ({
  data: encodeFunctionData({ abi, functionName: "endRoom", args: [room] }),
  value: 0n,
});

export const withdrawTo = (to: Hex): Call => ({
  data: encodeFunctionData({ abi, functionName: "withdrawTo", args: [to] }),
  value: 0n,
});

/** A title's length as the contract counts it. */
export const titleBytes = (title: string): number => new TextEncoder().encode(title).length;
export const MAX_TITLE_BYTES = 96;
