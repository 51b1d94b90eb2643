/** Transactions in simulated time: wallets that are silent, lie or replace, nodes that are away, reloads and other tabs. */
import type { Hex } from "viem";
import { beforeEach, describe, expect, test } from "vitest";
import { sleep } from "../src/base/time";
import { type Begun, begunAt, dropBegun, keepBegun } from "../src/contract/begun";
import {
  acceptRoom,
  type Call,
  describeRoom,
  endRoom,
  expireRoom,
  rekeyRoom,
  transferRoom,
  updateRoom,
  withdrawTo,
} from "../src/contract/calls";
import type { Log } from "../src/contract/events";
import type { Failure } from "../src/contract/failures";
import { nonceOf, RpcError, type RpcRequest, reading, Unreachable } from "../src/contract/rpc";
import { CONTRACT, HASH, log, ME } from "./fake-chain";
import { asked, begin, browser, chain, create, created, KEY, last, leave, pass, reload, slot, steps } from "./sending";

const OTHER = "0x2222222222222222222222222222222222222222";
const TAG: Hex = `0x${"cd".repeat(12)}`;
const FASTER: Hex = `0x${"02".repeat(32)}`;
const NEVER = () => new Promise<never>(() => {});

test("all goes well: checked, asked for once, mined; nothing is kept", async () => {
  const mine = begin(async () => HASH);
  await pass(0.1);
  expect(asked).toEqual([{ from: ME, to: CONTRACT, data: create.data, value: "0x7" }]);
  chain.mine(HASH, created());
  await pass(5);
  expect(mine.outcome).toEqual({ found: "RoomCreated" });
  expect(steps.map(({ at }) => at)).toEqual(["checking", "signing", "sent"]);
  expect(browser.kept.size).toBe(0);
});

describe("a wallet", () => {
  test("never answers: said after 4 s; no longer waited for, another may be asked", async () => {
    const mine = begin(NEVER);
    await pass(3);
    expect(last()).toEqual({ at: "signing", waiting: false });
    await pass(1.1);
    expect(last()).toEqual({ at: "signing", waiting: true });
    leave();
    dropBegun(begunAt(slot()) as Begun);
    await pass(1);
    expect(mine.outcome).toEqual({ left: true });
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
    leave();
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
    leave();
    dropBegun(begunAt(slot()) as Begun);
    await pass(1);
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
    expect(browser.kept.size).toBe(0);
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
    expect(browser.kept.size).toBe(0);
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
    expect(browser.kept.size).toBe(0);
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
    browser.locked.add(`livestream-rooms.${slot()}`);
    const mine = begin(async () => HASH);
    await pass(2);
    expect(mine.outcome).toEqual({ failure: { kind: "begun" } });
    expect(asked).toEqual([]);
  });

  test("has just been left: this one asks", async () => {
    browser.locked.add(`livestream-rooms.${slot()}`);
    begin(async () => HASH);
    await pass(0.5);
    browser.locked.clear();
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
  browser.full = true;
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
