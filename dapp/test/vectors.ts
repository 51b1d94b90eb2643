/** The story that tests/support/page_vectors.py tells. */
import { readFileSync } from "node:fs";
import type { Room, RoomEvent } from "../src/api/types";
import { type ChainEvent, decode, type Log } from "../src/contract/events";

const here = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));

export const story = here("./vectors.json") as {
  chainId: number;
  contract: string;
  logs: Log[];
  hashes: string[];
  room: Room;
  events: RoomEvent[];
  hostile: string;
};

export const sealing = here("../../tests/support/sealing_vectors.json") as {
  privateKey: string;
  publicKey: string;
  tag: string;
  uid: string;
  messages: { text: string; sealed: string }[];
};

export const events = (): ChainEvent[] => story.logs.map(decode).filter((event) => event !== null);

export const ofRoom = (number: bigint): ChainEvent[] =>
  events().filter(({ args }) => "roomId" in args && args.roomId === number);
