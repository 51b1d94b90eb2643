/** The history commitment, folded as the contract folds it. */
import { addressWord, concat, keccak, numberWord, type Bytes } from "./bytes";
import type { ChainEvent } from "./events";

const PAD = new Uint8Array(8);

/** The 24 bytes before the first event. */
export const genesis = (chainId: number, contract: string): Bytes =>
  keccak(concat(numberWord(chainId), addressWord(contract))).slice(0, 24);

/** The 24 bytes after `event`. */
export const step = (hash: Bytes, event: ChainEvent): Bytes =>
  keccak(concat(hash, PAD, ...event.words)).slice(0, 24);
