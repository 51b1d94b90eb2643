/**
 * The contract's events, read from their fixed layout. Every event opens with `seq`, `actor`
 * (indexed) and `timestamp`; of the other parameters the first is indexed (but in PauseChanged) and
 * a dynamic one comes last.
 */
import { type Bytes, fromHex, toHex } from "../base/hex";
import { addressWord, keccak, numberWord, wordNumber } from "./bytes";

type Type = "uint" | "address" | "bytes12" | "bytes16" | "bytes32" | "bool" | "string" | "bytes";
type Params = [name: string, type: Type, solidity?: string][];

const ROOM: Params[number] = ["roomId", "uint", "uint256"];
const TERMS: Params = [
  ["deposit", "uint", "uint256"],
  ["fee", "uint", "uint256"],
  ["maxRoomSeconds", "uint", "uint32"],
  ["fulfillDeadlineSeconds", "uint", "uint32"],
  ["maxOpenRooms", "uint", "uint16"],
  ["maxRoomEvents", "uint", "uint16"],
  ["rekeyCooldown", "uint", "uint16"],
];
const OPERATOR: Params[number] = ["operatorId", "uint", "uint16"];
const ACCOUNT: Params[number] = ["account", "address"];

const EVENTS: Record<string, Params> = {
  RoomCreated: [
    ROOM,
    OPERATOR,
    ["termsId", "uint", "uint16"],
    ["mode", "uint", "uint8"],
    ["gate", "address"],
    ["ingestKey", "bytes32"],
    ["tag", "bytes12"],
    ["title", "string"],
  ],
  RoomUpdated: [ROOM, ["title", "string"]],
  RoomRekeyed: [ROOM, ["keyVersion", "uint", "uint16"], ["ingestKey", "bytes32"], ["tag", "bytes12"]],
  RoomTransferStarted: [ROOM, ["to", "address"]],
  RoomTransferred: [
    ROOM,
    ["from", "address"],
    ["keyVersion", "uint", "uint16"],
    ["ingestKey", "bytes32"],
    ["tag", "bytes12"],
  ],
  RoomProvisioned: [ROOM, ["tag", "bytes12"], ["uid", "bytes16"], ["sealedIngest", "bytes"]],
  RoomEnded: [ROOM, ["reason", "uint", "uint8"], ["detail", "uint", "uint16"], ["amount", "uint", "uint256"]],
  RoomReleased: [ROOM],
  Credited: [ACCOUNT, ["amount", "uint", "uint256"]],
  Withdrawn: [
    ["to", "address"],
    ["amount", "uint", "uint256"],
  ],
  OperatorAdded: [OPERATOR, ACCOUNT, ["playbackBase", "string"]],
  OperatorAccountChanged: [OPERATOR, ACCOUNT],
  OperatorAcceptingChanged: [OPERATOR, ["accepting", "bool"]],
  OperatorEnabledChanged: [OPERATOR, ["enabled", "bool"]],
  TermsSet: [["termsId", "uint", "uint16"], ...TERMS],
  ModeratorChanged: [ACCOUNT, ["allowed", "bool"]],
  PauseChanged: [["paused", "bool"]],
  OwnerProposed: [ACCOUNT],
  OwnerChanged: [ACCOUNT],
};

interface Layout {
  name: string;
  params: Params;
  indexed: boolean;
}

const solidity = ([, type, exact]: Params[number]) => exact ?? type;

function signature(name: string, params: Params): string {
  const types = params.map(solidity);
  const shown = name === "TermsSet" ? [types[0], `(${types.slice(1).join(",")})`] : types;
  return `${name}(${["uint32", "address", "uint40", ...shown].join(",")})`;
}

const encoder = new TextEncoder();
export const topicOf = (name: string): `0x${string}` =>
  toHex(keccak(encoder.encode(signature(name, EVENTS[name] ?? []))));

const LAYOUTS = new Map<string, Layout>(
  Object.entries(EVENTS).map(([name, params]) => [topicOf(name), { name, params, indexed: name !== "PauseChanged" }]),
);

/** Topics of every event that counts among a room's. */
export const ROOM_TOPICS = Object.keys(EVENTS)
  .filter((name) => name.startsWith("Room"))
  .map(topicOf);

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

export interface ChainEvent {
  name: string;
  seq: number;
  actor: string;
  timestamp: number;
  args: Record<string, bigint | string>;
  block: number;
  blockHash: string;
  tx: string;
  /** What the history hash covers, after the hash itself. */
  words: Bytes[];
}

export class EventError extends Error {}

/** The event in a log; null: not an event of the history (OpenZeppelin's own). */
export function decode(log: Log): ChainEvent | null {
  const layout = LAYOUTS.get(log.topics[0]?.toLowerCase() ?? "");
  if (layout === undefined) return null;
  const topics = log.topics.map(fromHex);
  const data = fromHex(log.data);
  if (topics.length !== (layout.indexed ? 3 : 2) || topics.some((topic) => topic.length !== 32)) {
    throw new EventError(`${layout.name} with ${topics.length} topics`);
  }
  const seq = wordAt(data, 0);
  const timestamp = wordAt(data, 1);
  const args: ChainEvent["args"] = {};
  const covered: Bytes[] = [];
  let at = 2;
  layout.params.forEach(([name, type], place) => {
    const word = place === 0 && layout.indexed ? (topics[2] as Bytes) : wordAt(data, at++);
    if (type === "string" || type === "bytes") {
      const tail = dynamic(data, Number(wordNumber(word)));
      args[name] = type === "string" ? new TextDecoder().decode(tail) : toHex(tail);
      covered.push(keccak(tail));
    } else {
      args[name] = read(word, type);
      covered.push(word);
    }
  });
  const actor = topics[1] as Bytes;
  return {
    name: layout.name,
    seq: Number(wordNumber(seq)),
    actor: toHex(actor.slice(12)),
    timestamp: Number(wordNumber(timestamp)),
    args,
    block: Number(log.blockNumber),
    blockHash: log.blockHash,
    tx: log.transactionHash,
    words: [seq, topics[0] as Bytes, addressWord(toHex(actor.slice(12))), timestamp, ...covered],
  };
}

function wordAt(data: Bytes, index: number): Bytes {
  if (data.length < 32 * (index + 1)) throw new EventError("data too short");
  return data.slice(32 * index, 32 * index + 32);
}

function dynamic(data: Bytes, offset: number): Bytes {
  const length = Number(wordNumber(wordAt(data.slice(offset), 0)));
  const tail = data.slice(offset + 32, offset + 32 + length);
  if (tail.length !== length) throw new EventError("data too short");
  return tail;
}

function read(word: Bytes, type: Type): bigint | string {
  if (type === "uint" || type === "bool") return wordNumber(word);
  if (type === "address") return toHex(word.slice(12));
  return toHex(word.slice(0, Number(type.slice(5))));
}
