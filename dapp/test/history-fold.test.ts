import { encodeAbiParameters, encodeFunctionResult, keccak256 } from "viem";
import { expect, test } from "vitest";
import { foldHistory } from "../src/audit/history-fold";
import { toHex } from "../src/base/hex";
import { abi } from "../src/contract/abi";
import { decode, EventError, type Log, ROOM_TOPICS } from "../src/contract/events";
import { genesis, nextHash } from "../src/contract/history";
import type { RpcRequest } from "../src/contract/rpc";
import { events, story } from "./vectors";

test("fold: every kind of event: the hashes our indexer gets", () => {
  let hash = genesis(story.chainId, story.contract);
  const found = events().map((event) => {
    hash = nextHash(hash, event);
    return toHex(hash);
  });
  expect(found).toEqual(story.hashes);
});

test("decode: values: as they were told", () => {
  const [owner, terms, operator, created] = events();
  expect(owner?.name).toBe("OwnerChanged");
  expect(terms?.args).toMatchObject({ termsId: 1, terms: { fee: 10n ** 15n } });
  expect(operator?.args).toMatchObject({ playbackBase: "https://customer-abc123.cloudflarestream.com" });
  expect(created?.args).toMatchObject({ roomId: 1n, mode: 0, title: "Lớp học đàn" });
  expect(events().map((event) => event.seq)).toEqual(story.logs.map((_, at) => at + 1));
});

test("decode: a foreign log: null; a short one: an error", () => {
  const [log] = story.logs;
  if (log === undefined) throw new Error("no log");
  expect(decode({ ...log, topics: [`0x${"ab".repeat(32)}`] })).toBeNull();
  expect(() => decode({ ...log, data: log.data.slice(0, 66) })).toThrow(EventError);
  expect(() => decode({ ...log, topics: log.topics.slice(0, 2) })).toThrow(EventError);
  expect(ROOM_TOPICS).toHaveLength(9);
});
const named = (name: string): Log => {
  const at = events().findIndex((event) => event.name === name);
  return story.logs[at] as Log;
};

test.each([
  ["a byte order mark first", [0xef, 0xbb, 0xbf, 0x61], "\ufeffa"],
  ["a zero byte first", [0, 0x61], "\u0000a"],
  ["not UTF-8", [0x61, 0xff], "a\ufffd"],
  ["nothing", [], ""],
])("decode: a title: %s: kept, and the hash is of its bytes", (_, bytes, title) => {
  const [seq, timestamp, hex] = [9, 1_790_000_000, toHex(new Uint8Array(bytes))] as const;
  const types = [{ type: "uint40" }, { type: "uint40" }, { type: "bytes" }] as const;
  const event = decode({ ...named("RoomUpdated"), data: encodeAbiParameters(types, [seq, timestamp, hex]) });
  expect(event).toMatchObject({ seq, timestamp, args: { title } });
  expect(toHex(event?.words.at(-1) as Uint8Array)).toBe(keccak256(hex));
  expect(event?.bytes).toEqual(new Uint8Array(bytes));
});

test("decode: an account with more than its 20 bytes: another hash than the contract's", () => {
  const log = named("RoomUpdated");
  const [topic, actor, room] = log.topics as [string, string, string];
  const event = decode({ ...log, topics: [topic, actor.replace("0x00", "0x01"), room] });
  expect(event?.actor).toBe(decode(log)?.actor);
  expect(event?.words).not.toEqual(decode(log)?.words);
});

test("decode: a flag that is neither yes nor no, bytes that end too early, no hex: errors", () => {
  const paused = named("PauseChanged");
  expect(() => decode({ ...paused, data: paused.data.replace(/1$/, "2") })).toThrow(EventError);
  const sealed = named("RoomProvisioned");
  expect(() => decode({ ...sealed, data: sealed.data.slice(0, -64) })).toThrow(EventError);
  expect(() => decode({ ...sealed, data: sealed.data.replace(/.$/, "x") })).toThrow(EventError);
  expect(() => decode({ ...sealed, topics: [...sealed.topics, sealed.topics[1] as string] })).toThrow(EventError);
});

test("decode: a topic in capitals: the same event", () => {
  const log = named("RoomEnded");
  const topics = log.topics.map((topic) => topic.toUpperCase().replace("0X", "0x"));
  expect(decode({ ...log, topics })).toEqual(decode(log));
});

function node(logs: typeof story.logs, hash = story.hashes.at(-1) ?? ""): RpcRequest {
  const history = encodeFunctionResult({
    abi,
    functionName: "history",
    result: [BigInt(story.logs.length), hash.padEnd(66, "0") as `0x${string}`],
  });
  return async (method, params = []) => {
    if (method === "eth_blockNumber") return "0x64";
    if (method === "eth_call") return history;
    const [{ fromBlock, toBlock }] = params as [{ fromBlock: string; toBlock: string }];
    const [from, to] = [Number(fromBlock), Number(toBlock)];
    if (to - from >= 7) throw new Error("range too wide");
    return logs.filter((log) => Number(log.blockNumber) >= from && Number(log.blockNumber) <= to);
  };
}

const ask = (request: RpcRequest) => ({
  request,
  chainId: story.chainId,
  contract: story.contract,
  startBlock: 1,
  signal: new AbortController().signal,
  tell: () => {},
});

test("whole fold: an honest node with narrow ranges: the same hash", async () => {
  const result = await foldHistory(ask(node(story.logs)));
  expect(result).toMatchObject({ ok: true, events: story.logs.length, gapAt: null });
});

test("whole fold: a hidden event: found, with its place", async () => {
  const result = await foldHistory(ask(node(story.logs.filter((_, at) => at !== 4))));
  expect(result).toMatchObject({ ok: false, gapAt: 5 });
});

test("whole fold: an invented title: found", async () => {
  const logs = story.logs.map((log, at) => (at === 3 ? { ...log, data: log.data.replace(/4c/i, "4d") } : log));
  expect(logs[3]?.data).not.toBe(story.logs[3]?.data);
  expect((await foldHistory(ask(node(logs)))).ok).toBe(false);
});

test("whole fold: cancelled: ends", async () => {
  const stopping = new AbortController();
  const endless: RpcRequest = async (method) => {
    if (method === "eth_blockNumber") return "0xffffff";
    if (method === "eth_call") return node(story.logs)("eth_call");
    stopping.abort();
    throw new Error("busy");
  };
  await expect(foldHistory({ ...ask(endless), signal: stopping.signal })).rejects.toThrow();
});
