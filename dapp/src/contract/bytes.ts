/** 32-byte words. */
import { keccak256 } from "viem";
import { type Bytes, fromHex, toHex } from "../base/hex";

export function concat(...parts: Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A number, right-aligned in a word. */
export function numberWord(value: bigint | number): Bytes {
  return fromHex(BigInt(value).toString(16).padStart(64, "0"));
}

export const addressWord = (address: string): Bytes => fromHex(address.slice(2).padStart(64, "0"));

/** bytesN, left-aligned in a word. */
export const bytesWord = (hex: string): Bytes => fromHex(hex.slice(2).padEnd(64, "0"));

export const wordNumber = (word: Uint8Array): bigint => BigInt(toHex(word));

export const keccak = (bytes: Uint8Array): Bytes => keccak256(bytes, "bytes") as Bytes;
