/**
 * Which operator gets a host's new room: the rule of chain/operator_choice.py, told there. The highest
 * keccak256(host's 20 bytes, operator id as uint16) wins among those that take the room.
 */
import { fromHex, toHex } from "../base/hex";
import { concat, keccak } from "./bytes";

/** The operators' numbers, the host's first choice first. */
export function ranked(host: string, operators: Iterable<number>): number[] {
  const account = fromHex(host);
  if (account.length !== 20) throw new TypeError("not an address");
  const preference = (id: number) => toHex(keccak(concat(account, Uint8Array.of(id >> 8, id & 255))));
  return [...new Set(operators)]
    .map((id) => ({ id, at: preference(id) }))
    .sort((one, other) => (one.at < other.at ? 1 : -1))
    .map(({ id }) => id);
}
