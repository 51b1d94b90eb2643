import { describe, expect, test, vi } from "vitest";
import { isAddress, isZero, sameHex, zeros } from "../src/base/hex";
import { roomId, roomNumber, typedRoom } from "../src/base/room-id";
import { Backoff } from "../src/base/time";
import { ETHER, ether, GWEI } from "../src/base/units";

vi.stubGlobal("location", { pathname: "/", href: "https://rooms.example/", origin: "https://rooms.example" });
vi.stubGlobal("addEventListener", () => {});

const { routeOf, sameDocument } = await import("../src/base/router");

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
