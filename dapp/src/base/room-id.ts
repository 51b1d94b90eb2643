/** A room's id: "live_7" is the contract's room 7. */
const NUMBER = "[1-9][0-9]{0,17}";

/** As part of a regular expression. */
export const ROOM_ID = `live_${NUMBER}`;

export const roomId = (number: bigint): string => `live_${number}`;

export const roomNumber = (id: string): bigint => BigInt(id.slice("live_".length));

/** The room that a person typed, by its id or its number alone; null: none. */
export function typedRoom(text: string): string | null {
  const number = new RegExp(`^\\s*(?:live_)?(${NUMBER})\\s*$`).exec(text)?.[1];
  return number === undefined ? null : roomId(BigInt(number));
}
