/** Transactions in simulated time: wallets that are silent, lie or replace, nodes that are away, reloads and other tabs. */
import { encodeAbiParameters, encodeEventTopics, type Hex, zeroAddress } from "viem";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { sleep } from "../src/base/time";
import { abi } from "../src/contract/abi";
import { type Begun, begunAt, dropBegun, keepBegun, slotOf } from "../src/contract/begun";
import {
  acceptRoom,
  type Call,
  createRoom,
  describeRoom,
  endRoom,
  expireRoom,
  rekeyRoom,
  transferRoom,
  updateRoom,
  withdrawTo,
} from "../src/contract/calls";
import type { EventName, Log } from "../src/contract/events";
import { Failed, type Failure } from "../src/contract/failures";
import { follow, type TransactionStep } from "../src/contract/follow";
import { nonceOf, RpcError, type RpcRequest, reading, Unreachable } from "../src/contract/rpc";
import { send } from "../src/contract/send";

const ME = "0x1111111111111111111111111111111111111111";
const OTHER = "0x2222222222222222222222222222222222222222";
const CONTRACT = "0xcccccccccccccccccccccccccccccccccccccccc";
const KEY: Hex = `0x${"ab".repeat(32)}`;
const TAG: Hex = `0x${"cd".repeat(12)}`;
const HASH: Hex = `0x${"01".repeat(32)}`;
const FASTER: Hex = `0x${"02".repeat(32)}`;
const NEVER = () => new Promise<never>(() => {});

const create = createRoom({
  ...{ termsId: 1, operatorId: 1, mode: "webrtc", gate: zeroAddress },
  ...{ ingestKey: KEY, title: "Đàn", value: 7n },
});

/** A log of the contract, as a node gives it. */
function log(name: EventName, args: Record<string, unknown>, actor: Hex = ME): Log {
  const event = abi.find((item) => item.type === "event" && item.name === name) as Extract<
    (typeof abi)[number],
    { type: "event" }
  >;
  const plain = Object.fromEntries(event.inputs.map((input) => [input.name, defaultOf(input.type)]));
  const all: Record<string, unknown> = { ...plain, seq: 1, actor, timestamp: 1, roomId: 7n, ...args };
  const inputs = event.inputs.filter((input) => !("indexed" in input));
  const values = inputs.map((input) => all[input.name]);
  return {
    address: CONTRACT,
    topics: encodeEventTopics({ abi: [event], args: all } as never) as string[],
    data: encodeAbiParameters(inputs, values as never),
    blockNumber: "0x0",
    blockHash: HASH,
    transactionHash: HASH,
    logIndex: "0x0",
  };
}

const defaultOf = (type: string): unknown =>
  type === "address"
    ? zeroAddress
    : type === "string"
      ? ""
      : type.startsWith("bytes")
        ? `0x${"00".repeat(Number(type.slice(5)))}`
        : type === "uint256"
          ? 0n
          : 0;

/** What a node knows. */
class Chain {
  head = 100;
  nonce = { latest: 5, pending: 5 };
  receipts = new Map<string, { status: string; logs: Log[] }>();
  pool = new Map<string, { nonce: string }>();
  logs: { block: number; log: Log }[] = [];
  away = false;
  slowMs = 0;
  asked: string[] = [];

  read: RpcRequest = async (method, params = [], signal) => {
    signal?.throwIfAborted();
    this.asked.push(method);
    if (this.away) throw new Unreachable(method);
    if (this.slowMs > 0) await sleep(this.slowMs);
    const [first, tag] = params as [string, "latest" | "pending"];
    if (method === "eth_blockNumber") return `0x${this.head.toString(16)}`;
    if (method === "eth_call") return "0x";
    if (method === "eth_getTransactionCount") return `0x${this.nonce[tag].toString(16)}`;
    if (method === "eth_getTransactionReceipt") return this.receipts.get(first) ?? null;
    if (method === "eth_getTransactionByHash") return this.pool.get(first) ?? null;
    const { fromBlock, toBlock, topics } = params[0] as { fromBlock: Hex; toBlock: Hex; topics: (string | null)[] };
    const found = this.logs.filter(({ block }) => block >= Number(fromBlock) && block <= Number(toBlock));
    const fits = (one: Log) => topics.every((topic, at) => topic === null || one.topics[at] === topic);
    return found.map((one) => one.log).filter(fits);
  };

  /** A block with a transaction of ours, by whatever hash it came. */
  mine(hash: string, logs: Log[], status = "0x1"): void {
    this.head += 1;
    this.nonce.latest += 1;
    this.nonce.pending = this.nonce.latest;
    this.pool.set(hash, { nonce: `0x${(this.nonce.latest - 1).toString(16)}` });
    this.receipts.set(hash, { status, logs });
    for (const one of logs) this.logs.push({ block: this.head, log: one });
  }

  /** Waits in the pool. */
  hold(hash: string): void {
    this.pool.set(hash, { nonce: `0x${this.nonce.pending.toString(16)}` });
    this.nonce.pending += 1;
  }
}

let chain: Chain;
let kept: Map<string, string>;
let full: boolean;
let locked: Set<string>;
let steps: TransactionStep[];
let leaving: AbortController;
let asked: unknown[];

beforeEach(() => {
  vi.useFakeTimers();
  chain = new Chain();
  kept = new Map();
  full = false;
  locked = new Set();
  steps = [];
  asked = [];
  leaving = new AbortController();
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("navigator", {
    locks: {
      async request(name: string, { signal }: { signal: AbortSignal }, work: () => unknown) {
        while (locked.has(name)) {
          await sleep(10);
          signal.throwIfAborted();
        }
        locked.add(name);
        try {
          return await work();
        } finally {
          locked.delete(name);
        }
      },
    },
  });
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem(name: string, value: string) {
      if (full) throw new DOMException("x", "QuotaExceededError");
      kept.set(name, value);
    },
    removeItem: (name: string) => kept.delete(name),
  });
});

afterEach(async () => {
  leaving.abort();
  await pass(20);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

interface Course {
  outcome: { found?: string; failure?: Failure; left?: true } | null;
}

function course(work: Promise<{ name: string }>): Course {
  const mine: Course = { outcome: null };
  work.then(
    ({ name }) => {
      mine.outcome = { found: name };
    },
    (error) => {
      mine.outcome = error instanceof Failed ? { failure: error.failure } : { left: true };
    },
  );
  return mine;
}

const tell = (step: TransactionStep) => void steps.push(step);

function begin(wallet: () => Promise<unknown>, call: Call = create): Course {
  const context = {
    read: chain.read,
    wallet: (_: string, params: unknown[] = []) => {
      asked.push(params[0]);
      return wallet();
    },
    chainId: 1,
    account: ME,
    contract: CONTRACT,
    tell,
    signal: leaving.signal,
  };
  return course(send(context, call));
}

const slot = (call: Call = create) => slotOf({ chainId: 1, contract: CONTRACT, account: ME, effect: call.effect });

/** The page as loaded anew: what was begun is taken up. */
function reload(call: Call = create): Course {
  leaving.abort();
  leaving = new AbortController();
  locked.clear();
  const record = begunAt(slot(call)) as Begun;
  return course(follow({ read: chain.read, tell, signal: leaving.signal }, record));
}

const created = (key = KEY) => [log("RoomCreated", { ingestKey: key, title: "Đàn" })];
const last = () => steps.at(-1);

test("all goes well: checked, asked for once, mined; nothing is kept", async () => {
  const mine = begin(async () => HASH);
  await pass(0.1);
  expect(asked).toEqual([{ from: ME, to: CONTRACT, data: create.data, value: "0x7" }]);
  chain.mine(HASH, created());
  await pass(5);
  expect(mine.outcome).toEqual({ found: "RoomCreated" });
  expect(steps.map(({ at }) => at)).toEqual(["checking", "signing", "sent"]);
  expect(kept.size).toBe(0);
});

describe("a wallet", () => {
  test("never answers: said after 4 s; no longer waited for, another may be asked", async () => {
    const mine = begin(NEVER);
    await pass(3);
    expect(last()).toEqual({ at: "signing", waiting: false });
    await pass(1.1);
    expect(last()).toEqual({ at: "signing", waiting: true });
    leaving.abort();
    dropBegun(begunAt(slot()) as Begun);
    await pass(1);
    expect(mine.outcome).toEqual({ left: true });
    leaving = new AbortController();
    const next = begin(async () => HASH);
    await pass(0.1);
    chain.mine(HASH, created());
    await pass(5);
    expect(next.outcome).toEqual({ found: "RoomCreated" });
  });

  test("answers after it was no longer waited for: kept, to be taken up", async () => {
    let answer = (_: string) => {};
    begin(() => new Promise((resolve) => (answer = resolve)));
    await pass(10);
    leaving.abort();
    dropBegun(begunAt(slot()) as Begun);
    await pass(1);
    answer(HASH);
    await pass(1);
    expect(begunAt(slot())).toMatchObject({ hash: HASH });
  });

  test("answers late, while another one goes on: that one stays", async () => {
    let answer = (_: string) => {};
    begin(() => new Promise((resolve) => (answer = resolve)));
    await pass(10);
    leaving.abort();
    dropBegun(begunAt(slot()) as Begun);
    await pass(1);
    leaving = new AbortController();
    begin(NEVER);
    await pass(1);
    const { id } = begunAt(slot()) as Begun;
    answer(HASH);
    await pass(1);
    expect(begunAt(slot())).toMatchObject({ id, hash: null });
  });

  test("sends without an answer: found by its effect", async () => {
    const mine = begin(NEVER);
    await pass(10);
    chain.mine(FASTER, created());
    await pass(10);
    expect(mine.outcome).toEqual({ found: "RoomCreated" });
    expect(kept.size).toBe(0);
  });

  test("is silent while its account sends something else: still asked, not over", async () => {
    const mine = begin(NEVER);
    await pass(5);
    chain.mine(FASTER, []);
    await pass(300);
    expect(last()).toEqual({ at: "signing", waiting: true });
    expect(mine.outcome).toBe(null);
  });

  test.each<[unknown, Failure["kind"]]>([
    [{ code: -32002, message: "already pending" }, "waiting"],
    [{ code: 4001, message: "x" }, "declined"],
    [{ code: 4100, message: "x" }, "unauthorized"],
    [{ code: -32000, message: "insufficient funds for gas" }, "funds"],
  ])("answers %j: %s, and nothing is kept", async (error, kind) => {
    const mine = begin(() => Promise.reject(error));
    await pass(1);
    expect(mine.outcome).toEqual({ failure: { kind } });
    expect(kept.size).toBe(0);
  });

  test("refuses while the node is slow to answer: over, and nothing more is told", async () => {
    const mine = begin(async () => {
      await sleep(500);
      throw { code: 4001, message: "x" };
    });
    chain.slowMs = 400;
    await pass(5);
    expect(mine.outcome).toEqual({ failure: { kind: "declined" } });
    expect(last()).toEqual({ at: "signing", waiting: false });
  });

  test("answers while the node is slow to answer: never told as if it had not", async () => {
    begin(async () => {
      await sleep(500);
      chain.hold(HASH);
      return HASH;
    });
    chain.slowMs = 400;
    await pass(5);
    expect(last()).toEqual({ at: "sent", doubt: null });
    expect(steps.filter(({ at }) => at === "sent")).toHaveLength(1);
  });

  test("reports a fault of its own: it may have been sent, so it is looked for", async () => {
    const mine = begin(() => Promise.reject({ code: -32603, message: "request timed out" }));
    await pass(3);
    expect(last()).toEqual({ at: "sent", doubt: "asked" });
    expect(begunAt(slot())?.fault).toEqual({ kind: "other", message: "request timed out" });
    chain.mine(HASH, created());
    await pass(10);
    expect(mine.outcome).toEqual({ found: "RoomCreated" });
  });

  test.each([null, "0x", "safe:42", { hash: HASH }])(
    "answers %j, which is no hash: found by its effect",
    async (answer) => {
      const mine = begin(async () => answer);
      await pass(3);
      chain.mine(HASH, created());
      await pass(10);
      expect(mine.outcome).toEqual({ found: "RoomCreated" });
    },
  );
});

describe("a hash", () => {
  test("that the node never sees (a Safe's): said, waited for a day, found by its effect", async () => {
    const mine = begin(async () => HASH);
    await pass(30);
    expect(last()).toEqual({ at: "sent", doubt: "unseen" });
    const before = chain.asked.length;
    await pass(86_400);
    expect(mine.outcome).toBe(null);
    expect(chain.asked.length - before).toBeLessThan(20_000);
    chain.head += 1;
    chain.logs.push({ block: chain.head, log: created()[0] as Log });
    await pass(60);
    expect(mine.outcome).toEqual({ found: "RoomCreated" });
  });

  test("that stays in the pool: said after a minute", async () => {
    const mine = begin(async () => HASH);
    chain.hold(HASH);
    await pass(50);
    expect(last()).toEqual({ at: "sent", doubt: null });
    await pass(20);
    expect(last()).toEqual({ at: "sent", doubt: "long" });
    chain.nonce.pending = 5;
    chain.mine(HASH, created());
    await pass(5);
    expect(mine.outcome).toEqual({ found: "RoomCreated" });
  });

  test("sped up: its successor's effect counts", async () => {
    const mine = begin(async () => HASH);
    chain.hold(HASH);
    await pass(5);
    chain.pool.delete(HASH);
    chain.mine(FASTER, created());
    await pass(20);
    expect(mine.outcome).toEqual({ found: "RoomCreated" });
  });

  test("cancelled by an empty transaction: over within half a minute", async () => {
    const mine = begin(async () => HASH);
    chain.hold(HASH);
    await pass(5);
    chain.pool.delete(HASH);
    chain.mine(FASTER, []);
    await pass(30);
    expect(mine.outcome).toEqual({ failure: { kind: "replaced" } });
    expect(kept.size).toBe(0);
  });

  test("dropped from the pool: said, and waited for", async () => {
    const mine = begin(async () => HASH);
    chain.hold(HASH);
    await pass(10);
    chain.pool.delete(HASH);
    chain.nonce.pending = 5;
    await pass(40);
    expect(last()).toEqual({ at: "sent", doubt: "unseen" });
    expect(mine.outcome).toBe(null);
  });

  test("never seen, and the nonce it was supposed to have is used: over by itself, kept until the person knows", async () => {
    const mine = begin(async () => HASH);
    await pass(10);
    chain.mine(FASTER, []);
    await pass(40);
    expect(mine.outcome).toBe(null);
    await pass(60);
    expect(mine.outcome).toEqual({ failure: { kind: "lost" } });
    expect(begunAt(slot())).not.toBe(null);
  });

  test("mined without effect (a Safe's call that failed inside): over", async () => {
    const mine = begin(async () => HASH);
    await pass(1);
    chain.mine(HASH, [log("RoomCreated", { ingestKey: FASTER })]);
    await pass(30);
    expect(mine.outcome).toEqual({ failure: { kind: "replaced" } });
  });

  test("reverted: over at once", async () => {
    const mine = begin(async () => HASH);
    await pass(1);
    chain.mine(HASH, [], "0x0");
    await pass(5);
    expect(mine.outcome).toEqual({ failure: { kind: "revert", name: "Reverted", args: [] } });
  });
});

describe("a reload while the wallet asks", () => {
  beforeEach(async () => {
    begin(NEVER);
    await pass(1);
  });

  test("nothing was sent: said, waited for, and the same is not asked for again", async () => {
    const mine = reload();
    await pass(600);
    expect(last()).toEqual({ at: "sent", doubt: "asked" });
    expect(mine.outcome).toBe(null);
    const again = begin(async () => HASH);
    await pass(1);
    expect(again.outcome).toEqual({ failure: { kind: "begun" } });
    expect(asked).toHaveLength(1);
  });

  test("it was mined meanwhile: found at once", async () => {
    chain.mine(HASH, created());
    const mine = reload();
    await pass(0.1);
    expect(mine.outcome).toEqual({ found: "RoomCreated" });
  });

  test("it is in the pool: perhaps paid already, then found", async () => {
    chain.hold(HASH);
    const mine = reload();
    await pass(1);
    expect(last()).toEqual({ at: "sent", doubt: "perhaps" });
    chain.mine(HASH, created());
    await pass(10);
    expect(mine.outcome).toEqual({ found: "RoomCreated" });
  });

  test("the account sent something else: perhaps paid already, then over by itself", async () => {
    chain.mine(HASH, created(FASTER));
    const mine = reload();
    await pass(10);
    expect(last()).toEqual({ at: "sent", doubt: "perhaps" });
    await pass(90);
    expect(mine.outcome).toEqual({ failure: { kind: "lost" } });
  });

  test("put away in another tab: this one ends too", async () => {
    const mine = reload();
    await pass(1);
    dropBegun(begunAt(slot()) as Begun);
    await pass(5);
    expect(mine.outcome).toEqual({ failure: { kind: "stopped" } });
  });
});

describe("another tab", () => {
  test("is asking: this one asks nothing", async () => {
    locked.add(`livestream-rooms.${slot()}`);
    const mine = begin(async () => HASH);
    await pass(2);
    expect(mine.outcome).toEqual({ failure: { kind: "begun" } });
    expect(asked).toEqual([]);
  });

  test("has just been left: this one asks", async () => {
    locked.add(`livestream-rooms.${slot()}`);
    begin(async () => HASH);
    await pass(0.5);
    locked.clear();
    await pass(0.1);
    expect(asked).toHaveLength(1);
  });

  test("begins at the same moment: one asks", async () => {
    const both = [begin(async () => HASH), begin(async () => HASH)];
    await pass(2);
    expect(asked).toHaveLength(1);
    expect(both.filter(({ outcome }) => outcome?.failure?.kind === "begun")).toHaveLength(1);
  });

  test("gives the hash: taken up here", async () => {
    begin(NEVER);
    await pass(1);
    const mine = reload();
    await pass(1);
    keepBegun({ ...(begunAt(slot()) as Begun), hash: HASH });
    chain.hold(HASH);
    await pass(5);
    expect(last()).toEqual({ at: "sent", doubt: null });
    expect(mine.outcome).toBe(null);
  });
});

describe("a node", () => {
  test("is away before the wallet is asked: said", async () => {
    chain.away = true;
    const mine = begin(async () => HASH);
    await pass(1);
    expect(mine.outcome).toEqual({ failure: { kind: "unreachable" } });
    expect(asked).toEqual([]);
  });

  test("is away while it is waited for: said, and nothing ends", async () => {
    const mine = begin(async () => HASH);
    chain.hold(HASH);
    await pass(2);
    chain.away = true;
    await pass(30);
    expect(last()).toEqual({ at: "sent", doubt: "away" });
    chain.away = false;
    chain.mine(HASH, created());
    await pass(10);
    expect(mine.outcome).toEqual({ found: "RoomCreated" });
  });

  test("refuses what it does not know: as if it had nothing", async () => {
    const { read } = chain;
    chain.read = async (method, ...rest) => {
      if (/Receipt|ByHash/.test(method)) throw new RpcError(-32602, "invalid hash", null);
      return read(method, ...rest);
    };
    const mine = begin(async () => HASH);
    await pass(3);
    chain.mine(FASTER, created());
    await pass(10);
    expect(mine.outcome).toEqual({ found: "RoomCreated" });
  });

  test("does not tell what is pending: what is mined counts", async () => {
    const request: RpcRequest = async (_, [, tag] = []) => {
      if (tag === "pending") throw new RpcError(-32602, "x", null);
      return "0x9";
    };
    expect(await nonceOf(request, ME, "pending")).toBe(9);
  });

  test("is a wallet that never answers: each question ends", async () => {
    const outcome = expect(reading(NEVER)("eth_call")).rejects.toThrow(Unreachable);
    await pass(16);
    await outcome;
  });
});

test("nothing is stored: a room is not paid for, what costs nothing goes on", async () => {
  full = true;
  const room = begin(async () => HASH);
  await pass(1);
  expect(room.outcome).toEqual({ failure: { kind: "keys", why: "refused" } });
  expect(asked).toEqual([]);
  const end = begin(async () => HASH, endRoom(7n));
  await pass(1);
  chain.mine(HASH, [log("RoomEnded", { reason: 1, detail: 0, amount: 0n })]);
  await pass(10);
  expect(end.outcome).toEqual({ found: "RoomEnded" });
});

describe("each call is known by its own effect", () => {
  const key = { ingestKey: KEY, keyVersion: 2 };
  test.each<[string, Call, Log[], Log[]]>([
    ["create", create, created(), created(HASH)],
    ["rename", updateRoom(7n, "b"), [log("RoomUpdated", { title: "b" })], [log("RoomUpdated", { title: "B" })]],
    ["odd title", updateRoom(7n, "\ud800"), [log("RoomUpdated", { title: "\ufffd" })], [log("RoomUpdated", {})]],
    ["rekey", rekeyRoom(7n, KEY), [log("RoomRekeyed", key)], [log("RoomRekeyed", { ...key, roomId: 8n })]],
    ["offer", transferRoom(7n, OTHER), [log("RoomTransferStarted", { to: OTHER })], [log("RoomTransferStarted", {})]],
    ["take back", transferRoom(7n), [log("RoomTransferStarted", {})], [log("RoomTransferStarted", { to: OTHER })]],
    [
      "describe",
      describeRoom(7n, 9, "Đàn"),
      [log("RoomDescribed", { startsAt: 9, details: "Đàn" })],
      [log("RoomDescribed", { startsAt: 8, details: "Đàn" }), log("RoomDescribed", { startsAt: 9 })],
    ],
    ["accept", acceptRoom(7n, TAG, KEY), [log("RoomTransferred", key)], [log("RoomTransferred", key, OTHER)]],
    ["end", endRoom(7n), [log("RoomEnded", {}, OTHER)], [log("RoomEnded", { roomId: 8n })]],
    ["expire", expireRoom(7n), [log("RoomEnded", {}, OTHER)], [log("RoomEnded", { roomId: 8n })]],
    ["withdraw", withdrawTo(ME), [log("Withdrawn", { to: ME })], [log("Withdrawn", { to: ME }, OTHER)]],
  ])("%s", async (_, call, right, wrong) => {
    const mine = begin(NEVER, call);
    await pass(1);
    chain.mine(FASTER, wrong);
    await pass(10);
    expect(mine.outcome).toBe(null);
    chain.mine(FASTER, right);
    await pass(10);
    expect(mine.outcome).toEqual({ found: call.effect.event });
  });

  test("what happened before the wallet was asked does not count", async () => {
    chain.logs.push({ block: chain.head, log: log("Withdrawn", { to: ME }) });
    const mine = begin(NEVER, withdrawTo(ME));
    await pass(10);
    expect(mine.outcome).toBe(null);
  });
});
