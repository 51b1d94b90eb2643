/**
 * The contract's events, read by viem as the ABI says. Every event opens with `seq`, `actor`
 * (indexed) and `timestamp`; of the other parameters only the first ones are indexed, and a dynamic one
 * comes last. What the history hash covers is taken from the log's own bytes: whatever viem would
 * overlook (the upper bytes of an address) makes another hash.
 */
import { type ContractEventName, type DecodeEventLogReturnType, decodeEventLog, type Hex, toEventSelector } from "viem";
import { type Bytes, fromHex, toHex } from "../base/hex";
import { abi } from "./abi";
import { keccak, numberWord, wordNumber } from "./bytes";

type EventAbi = Extract<(typeof abi)[number], { type: "event" }>;
export type EventName = ContractEventName<typeof abi>;

interface Layout {
  event: EventAbi;
  topic: Hex;
  topics: number;
  /** Words of the data before a dynamic parameter's bytes. */
  words: number;
  /** The last parameter, if it is dynamic. */
  dynamic: { name: string; isText: boolean } | null;
}

function layoutOf(event: EventAbi): Layout {
  const inData = event.inputs.filter((input) => !("indexed" in input));
  const last = event.inputs[event.inputs.length - 1] as { name: string; type: string };
  return {
    event,
    topic: toEventSelector(event),
    topics: 1 + event.inputs.length - inData.length,
    words: inData.reduce((sum, input) => sum + ("components" in input ? input.components.length : 1), 0),
    dynamic: ["string", "bytes"].includes(last.type) ? { name: last.name, isText: last.type === "string" } : null,
  };
}

const LAYOUTS = abi.filter((item): item is EventAbi => item.type === "event").map(layoutOf);
const BY_TOPIC = new Map<string, Layout>(LAYOUTS.map((layout) => [layout.topic, layout]));
const BY_NAME = new Map<EventName, Layout>(LAYOUTS.map((layout) => [layout.event.name, layout]));

export const topicOf = (name: EventName): Hex => (BY_NAME.get(name) as Layout).topic;

/** Topics of every event that counts among a room's. */
export const ROOM_TOPICS = [...BY_NAME.keys()].filter((name) => name.startsWith("Room")).map(topicOf);

/** Topics to look for: these events of one room. */
export const topicsOfRoom = (number: bigint, topics: string[]): (string | string[] | null)[] => [
  topics,
  null,
  toHex(numberWord(number)),
];

export interface Log {
  address: string;
  topics: string[];
  data: string;
  blockNumber: string;
  blockHash: string;
  transactionHash: string;
  logIndex: string;
}

/** An event and its parameters, by name. */
type Named = { [N in EventName]: { name: N; args: DecodeEventLogReturnType<typeof abi, N>["args"] } }[EventName];

export type ChainEvent = Named & {
  seq: number;
  actor: Hex;
  timestamp: number;
  block: number;
  blockHash: string;
  tx: string;
  /** Of a title or details, all that they are: they need not be Unicode. */
  bytes: Bytes;
  /** What the history hash covers, after the hash itself. */
  words: Bytes[];
};

export class EventError extends Error {}

/** The event in a log; null: not an event of the history (OpenZeppelin's own). */
export function decode(log: Log): ChainEvent | null {
  const layout = BY_TOPIC.get(log.topics[0]?.toLowerCase() ?? "");
  if (layout === undefined) return null;
  const { name } = layout.event;
  try {
    return read(layout, log);
  } catch (cause) {
    throw new EventError(`${name} is malformed`, { cause });
  }
}

function read(layout: Layout, log: Log): ChainEvent {
  const topics = log.topics.map(fromHex);
  if (topics.length !== layout.topics || topics.some((topic) => topic.length !== 32)) {
    throw new TypeError(`${topics.length} topics`);
  }
  const named = decodeEventLog({
    abi: [layout.event],
    topics: [layout.topic, ...(log.topics.slice(1) as Hex[])],
    data: log.data as Hex,
  });
  const args = named.args as Record<string, unknown> & { seq: number; timestamp: number };
  const data = fromHex(log.data);
  const [seq, timestamp, ...covered] = Array.from({ length: layout.words }, (_, at) => wordAt(data, at)) as [
    Bytes,
    Bytes,
    ...Bytes[],
  ];
  let tail: Bytes = new Uint8Array();
  if (layout.dynamic !== null) {
    tail = dynamic(data, Number(wordNumber(covered.pop() as Bytes)));
    covered.push(keccak(tail));
    // viem drops a byte order mark
    if (layout.dynamic.isText) args[layout.dynamic.name] = new TextDecoder("utf-8", { ignoreBOM: true }).decode(tail);
  }
  const [topic, actor, ...indexed] = topics as [Bytes, Bytes, ...Bytes[]];
  return {
    name: layout.event.name,
    args,
    seq: args.seq,
    actor: toHex(actor.slice(12)),
    timestamp: args.timestamp,
    block: Number(log.blockNumber),
    blockHash: log.blockHash,
    tx: log.transactionHash,
    bytes: tail,
    words: [seq, topic, actor, timestamp, ...indexed, ...covered],
  } as unknown as ChainEvent;
}

function wordAt(data: Bytes, index: number): Bytes {
  if (data.length < 32 * (index + 1)) throw new RangeError("data too short");
  return data.slice(32 * index, 32 * index + 32);
}

function dynamic(data: Bytes, offset: number): Bytes {
  const length = Number(wordNumber(wordAt(data.slice(offset), 0)));
  const tail = data.slice(offset + 32, offset + 32 + length);
  if (tail.length !== length) throw new RangeError("data too short");
  return tail;
}
