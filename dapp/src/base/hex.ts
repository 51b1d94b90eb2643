/** Hex as the chain and wallets write it: addresses, hashes, bytes; its case says nothing. */
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

/** Of so many bytes. */
export const zeros = (bytes: number): `0x${string}` => toHex(new Uint8Array(bytes));

/** Nobody's address, no live input, no gate. */
export const isZero = (hex: string): boolean => /^0x0+$/.test(hex);

export type Address = `0x${string}`;

export function isAddress(text: string | null | undefined): text is Address {
  return /^0x[0-9a-fA-F]{40}$/.test(text ?? "");
}

/** Whether both are there and the same account, contract or hash. */
export function sameHex(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one.toLowerCase() === other.toLowerCase();
}

/** A transaction's; some wallets answer an id of their own instead. */
export const isTransactionHash = (text: string): text is `0x${string}` => /^0x[0-9a-fA-F]{64}$/.test(text);
