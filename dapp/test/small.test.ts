import { describe, expect, test, vi } from "vitest";
import type { EndReason } from "../src/contract/enums";

vi.stubGlobal("location", { pathname: "/", href: "https://rooms.example/", origin: "https://rooms.example" });
vi.stubGlobal("addEventListener", () => {});
vi.stubGlobal("document", { documentElement: { dataset: {} }, createElementNS: () => ({}) });
vi.stubGlobal("navigator", { languages: ["vi-VN"] });

const { routeOf, sameDocument } = await import("../src/base/router");
const { Backoff } = await import("../src/base/time");
const { plainTitle } = await import("../src/ui/room-title");
const { ago, clock, duration } = await import("../src/i18n/format");
const { ether, ETHER, GWEI } = await import("../src/base/units");
const { isAddress, isZero, sameHex, zeros } = await import("../src/base/hex");
const { roomId, roomNumber, typedRoom } = await import("../src/base/room-id");
const { language } = await import("../src/i18n");
const { en } = await import("../src/i18n/en");
const { endLabel } = await import("../src/ui/labels");
const { failureText } = await import("../src/ui/failure-note");
const { eventName } = await import("../src/pages/audit/timeline");
const { modules } = await import("../src/ui/qr");
const { embedCode } = await import("../src/ui/share");
const { mergeRooms } = await import("../src/api/use-rooms");
const { titleBytes } = await import("../src/contract/calls");
const { failureOf } = await import("../src/contract/failures");
const { RpcError, Unreachable } = await import("../src/contract/rpc");
const { logRanges } = await import("../src/contract/logs");
const { srtAddress } = await import("../src/pages/host/obs");
const { encodeErrorResult } = await import("viem");
const { abi } = await import("../src/contract/abi");
const { story } = await import("./vectors");

test("language: the browser's, where nothing is remembered", () => {
  expect(language.get()).toBe("vi");
});

describe("router", () => {
  test.each([
    ["/", { page: "home" }],
    ["/room/live_7/", { page: "room", room: "live_7" }],
    ["/studio", { page: "studio", room: null }],
    ["/audit/live_12", { page: "audit", room: "live_12" }],
    ["/room/live_07", { page: "not-found" }],
    ["/room/<script>", { page: "not-found" }],
    ["/room", { page: "not-found" }],
  ])("%s", (path, found) => expect(routeOf(path)).toEqual(found));

  test("the audit's policy never reaches another page", () => {
    expect(sameDocument(routeOf("/"), routeOf("/audit"))).toBe(false);
    expect(sameDocument(routeOf("/audit"), routeOf("/audit/live_1"))).toBe(true);
  });
});

test("backoff: doubles up to its most, and starts over", () => {
  const backoff = new Backoff(100, 500, () => 1);
  expect([1, 2, 3, 4].map(() => backoff.take())).toEqual([100, 200, 400, 500]);
  backoff.reset();
  expect(backoff.take()).toBe(100);
});

test("titles: no control, no override, no tower; markup stays text", () => {
  expect(plainTitle(story.hostile)).toBe('<img src=x onerror="alert(1)"> txt.exe 🎥');
  expect(plainTitle("a\u0000b\nc\u200bd")).toBe("a b c d");
  expect(plainTitle(`z${"\u0300".repeat(50)}`)).toBe(`z${"\u0300".repeat(4)}`);
  expect(plainTitle("👩‍👩‍👧 gia đình")).toBe("👩‍👩‍👧 gia đình");
  expect(titleBytes("Lớp học 🎥")).toBe(16);
});

test("money: wei as people say it", () => {
  expect(ether(1_100_000_000_000_000n)).toBe("0.0011");
  expect(ether(2n * ETHER)).toBe("2");
  expect(ether(0n)).toBe("0");
  expect(ether(1n)).toBe(`0.${"0".repeat(17)}1`);
  expect(ether(GWEI)).toBe("0.000000001");
});

test("hex: accounts, hashes and nothing", () => {
  expect(zeros(3)).toBe("0x000000");
  expect([isZero(zeros(20)), isZero("0x01"), isZero("0x"), isZero("")]).toEqual([true, false, false, false]);
  expect(sameHex("0xAB", "0xab")).toBe(true);
  expect([sameHex(null, null), sameHex("0xab", null), sameHex("0xab", "0xac")]).toEqual([false, false, false]);
  expect([`0x${"a".repeat(40)}`, `0x${"a".repeat(39)}`, "a".repeat(42), null].map(isAddress)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test("room ids: as the contract counts, and as people type them", () => {
  expect(roomId(7n)).toBe("live_7");
  expect(roomNumber("live_123456789012345678")).toBe(123456789012345678n);
  expect([" 7 ", "live_7", "live_07", "0", "-1", "7x", "1".repeat(19), ""].map(typedRoom)).toEqual([
    "live_7",
    "live_7",
    null,
    null,
    null,
    null,
    null,
    null,
  ]);
});

test("why a room ended: one sentence, whoever asks; a word that is not known says nothing", () => {
  const words = (reason: string, detail = 0) => endLabel(en, { reason: reason as EndReason, detail });
  expect(words("declined", 3)).toBe(en.end.declined[3]);
  expect(words("taken_down", 99)).toBe(en.end.takenDown[4]);
  expect(words("host")).toBe(en.end.host);
  expect(words("something new")).toBe("");
});

test("why a transaction failed: the catalogue's sentence, else the error's name", () => {
  const words = (name: string, args: unknown[] = []) =>
    failureText(en, { kind: "revert", name, args }, (at) => `at ${at}`);
  expect(words("TitleTooLong")).toBe(en.reverts.TitleTooLong);
  expect(words("RekeyTooSoon", [1n, 99n])).toBe(en.reverts.RekeyTooSoon("at 99"));
  expect(words("WrongPayment", [2n * ETHER, 0n])).toBe(en.reverts.WrongPayment("2"));
  expect(words("GateWithoutCode")).toBe(en.reverts.unknown("GateWithoutCode"));
  expect(words("toString")).toBe(en.reverts.unknown("toString"));
  expect(eventName(en, "RoomEnded")).toBe(en.audit.events.RoomEnded);
  expect(eventName(en, "toString")).toBe("toString");
});

test("numbers and times", () => {
  expect(clock(3723)).toBe("1:02:03");
  expect(clock(61)).toBe("1:01");
  expect(ago(0, 7_300, "en", "just now")).toBe("2 hours ago");
  expect(ago(0, 300, "vi", "vừa xong")).toBe("5 phút trước");
  expect(ago(0, 59, "vi", "vừa xong")).toBe("vừa xong");
  expect(duration(86_400, "en")).toBe("24 hours");
  expect(duration(3_600, "en")).toBe("1 hour");
  expect(duration(600, "vi")).toBe("10 phút");
  expect(duration(90, "vi")).toBe("90 giây");
});

test("QR: one square per dark module", () => {
  expect(
    modules([
      [true, false],
      [false, true],
    ]),
  ).toBe("M0 0h1v1h-1zM1 1h1v1h-1z");
});

test("embed code: quoted, for this room", () => {
  expect(embedCode("https://rooms.example", "live_7")).toContain('src="https://rooms.example/embed/live_7"');
});

test("OBS by SRT: everything in one address, escaped", () => {
  const address = srtAddress({ url: "srt://live.example:778", streamId: "a b", passphrase: "p&q" });
  expect(address).toBe("srt://live.example:778?passphrase=p%26q&streamid=a%20b");
});

test("lists: a newer answer wins, each room once, newest first", () => {
  const room = (number: number, title = "") => ({ ...story.room, room_id: `live_${number}`, title });
  const list = mergeRooms([room(11, "new"), room(9)], [room(11, "old"), room(2)]);
  expect(list.map(({ room_id, title }) => room_id + title)).toEqual(["live_11new", "live_9", "live_2"]);
});

describe("why a transaction failed", () => {
  const data = encodeErrorResult({ abi, errorName: "RekeyTooSoon", args: [1n, 99n] });
  test("refused in the wallet: no error", () => {
    expect(failureOf({ code: 4001, message: "User rejected" })).toEqual({ kind: "declined" });
  });
  test.each([
    ["plain", { code: 3, message: "reverted", data }],
    ["nested once", { code: -32603, message: "x", data: { data } }],
    ["nested deep", { code: -32000, message: "x", data: { originalError: { code: 3, data } } }],
  ])("a revert, %s", (_, error) => {
    expect(failureOf(error)).toEqual({ kind: "revert", name: "RekeyTooSoon", args: [1n, 99n] });
  });
  test("no money, no node, anything", () => {
    expect(failureOf(new RpcError(-32000, "insufficient funds for gas", null)).kind).toBe("funds");
    expect(failureOf(new Unreachable("eth_call")).kind).toBe("unreachable");
    expect(failureOf(new Error("boom"))).toEqual({ kind: "other", message: "boom" });
  });
});

test("log ranges: a node that takes 5 blocks at once: every block once, in order", async () => {
  const seen: [number, number][] = [];
  const request = async (_: string, params: unknown[] = []) => {
    const [{ fromBlock, toBlock }] = params as [{ fromBlock: string; toBlock: string }];
    const [from, to] = [Number(fromBlock), Number(toBlock)];
    if (to - from >= 5) throw new RpcError(-32005, "too many blocks", null);
    seen.push([from, to]);
    return [];
  };
  const query = { address: "0x1", topics: [], from: 3, to: 40 };
  for await (const { upTo } of logRanges(request, query)) expect(upTo).toBe(seen.at(-1)?.[1]);
  expect(seen[0]?.[0]).toBe(3);
  expect(seen.at(-1)?.[1]).toBe(40);
  for (const [at, [from]] of seen.slice(1).entries()) expect(from).toBe((seen[at]?.[1] ?? 0) + 1);
});
