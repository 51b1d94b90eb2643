/** The history commitment, folded as the contract folds it. */
import type { Bytes } from "../base/hex";
import { addressWord, concat, keccak, numberWord } from "./bytes";
import type { ChainEvent } from "./events";

const BYTES = 23;
const PAD = new Uint8Array(32 - BYTES);

/** The commitment in the word that `history()` answers. */
export const commitment = (word: string): string => word.slice(0, 2 + 2 * BYTES);

/** The bytes before the first event. */
export const genesis = (chainId: number, contract: string): Bytes =>
  keccak(concat(numberWord(chainId), addressWord(contract))).slice(0, BYTES);

/** The bytes after `event`. */
export const nextHash = (hash: Bytes, event: ChainEvent): Bytes =>
  keccak(concat(hash, PAD, ...event.words)).slice(0, BYTES);
