/** 32-byte words and hex. */
import { keccak256 } from "viem";

export type Bytes = Uint8Array<ArrayBuffer>;

export function fromHex(hex: string): Bytes {
  const digits = hex.startsWith("0x") ? hex.slice(2) : hex;
  if (digits.length % 2 !== 0 || /[^0-9a-fA-F]/.test(digits)) throw new TypeError("not hex");
  const bytes = new Uint8Array(digits.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = parseInt(digits.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

export function toHex(bytes: Uint8Array): `0x${string}` {
  let text = "0x";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text as `0x${string}`;
}

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
