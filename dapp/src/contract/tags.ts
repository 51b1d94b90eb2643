/** A room's tag: names this room, this host and this key (the contract's `tagOf`). */
import { toHex } from "../base/hex";
import { addressWord, bytesWord, concat, keccak, numberWord } from "./bytes";

export interface Tagged {
  chainId: number;
  contract: string;
  roomId: bigint;
  host: string;
  operatorId: bigint;
  mode: bigint;
  /** For the first key the gate, else the former tag. */
  binding: { gate: string } | { tag: string };
  ingestKey: string;
  keyVersion: bigint;
}

export function roomTag(of: Tagged): string {
  const binding = "gate" in of.binding ? addressWord(of.binding.gate) : bytesWord(of.binding.tag);
  const words = concat(
    numberWord(of.chainId),
    addressWord(of.contract),
    numberWord(of.roomId),
    addressWord(of.host),
    numberWord(of.operatorId),
    numberWord(of.mode),
    binding,
    bytesWord(of.ingestKey),
    numberWord(of.keyVersion),
  );
  return toHex(keccak(words).slice(0, 12));
}
