/**
 * Scenario 35: a school is one address. What 300 pages of one room ask in ten minutes while their
 * event streams are blocked, counted against the limits that `.env.example` names.
 */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Room } from "../src/api/types";
import { watchRecordings } from "../src/api/use-recordings";
import { watchRoom } from "../src/api/use-room";
import { pass, room, START, Stream, server } from "./live-server";

const SCHOOL = 300;
const VIEWERS = 30; // each asks for itself alone: a tenth of the school shows what a tenth may ask
const MINUTES = 10;
const SETTINGS = readFileSync(new URL("../../.env.example", import.meta.url), "utf8");
const LIMIT = (Number(/^#API_RATE_LIMIT=(\d+)\/minute$/m.exec(SETTINGS)?.[1]) * VIEWERS) / SCHOOL;

let stops: (() => void)[];
let seen: Map<number, Room["status"]>;
let refused: number[];
let recorded: Set<number>;

beforeEach(() => {
  stops = [];
  seen = new Map();
  refused = [];
  recorded = new Set();
});

afterEach(() => {
  for (const stop of stops) stop();
});

/** Everybody opens the room within so many seconds. `recordings`: its page asks for them, too. */
async function come(within: number, recordings = false): Promise<void> {
  for (let viewer = 0; viewer < VIEWERS; viewer++) {
    const stop = watchRoom("live_7", (state) => {
      if (state.kind !== "known") return;
      seen.set(viewer, state.room.status);
      if (recordings && !recorded.has(viewer)) {
        recorded.add(viewer);
        stops.push(watchRecordings(state.room, () => {}));
      }
    });
    stops.push(stop);
    await pass(within / VIEWERS);
  }
  await pass(60 - within);
}

/** Questions and attempts at a stream in the busiest minute, wherever it begins. */
function busiest(): number {
  const all = [...server.asked, ...refused].sort((one, other) => one - other);
  let most = 0;
  for (let first = 0, last = 0; last < all.length; last++) {
    while ((all[last] ?? 0) - (all[first] ?? 0) >= 60_000) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** Every stream is refused at once, or opens and says nothing. */
function block(how: "refused" | "held back"): void {
  class Blocked extends Stream {
    constructor(address: string) {
      super(address);
      refused.push(Date.now() - START * 1000);
      if (how === "refused") setTimeout(() => this.readyState !== Stream.CLOSED && this.fail(), 20);
    }
  }
  vi.stubGlobal("EventSource", Blocked);
}

const rooms: [string, Room["status"], Partial<Room>][] = [
  ["being set up", "pending", {}],
  ["open", "active", {}],
  ["past its time", "active", { expires_at: START - 1, expirable: true }],
  ["just ended", "ended", { end: { at: START, reason: "host" } as Room["end"] }],
];

describe.each(["refused", "held back"] as const)("scenario 35: 300 viewers behind one address, streams %s", (how) => {
  test.each(rooms)(
    "a room that is %s: the busiest of ten minutes leaves a quarter of the limit",
    async (_, status, more) => {
      block(how);
      server.room = room(status, 6, 101, more);
      await come(5, true);
      for (let minute = 1; minute < MINUTES; minute++) await pass(60);
      expect(seen.size).toBe(VIEWERS);
      expect(busiest()).toBeLessThanOrEqual(0.75 * LIMIT);
    },
  );

  test("the room ends in the middle: everybody sees it within 15 s", async () => {
    block(how);
    server.room = room("active", 6, 101);
    await come(5);
    await pass(240);
    server.room = room("ended", 7, 300, { end: { at: START + 300, reason: "host" } as Room["end"] });
    await pass(15.1);
    expect([...seen.values()].filter((status) => status !== "ended")).toEqual([]);
  });
});

test("streams that work, a room that is being set up: the busiest minute leaves a quarter of the limit", async () => {
  class Works extends Stream {
    constructor(address: string) {
      super(address);
      setTimeout(() => this.open(), 20);
      setInterval(() => this.hear("ping"), 15_000);
    }
  }
  vi.stubGlobal("EventSource", Works);
  await come(5);
  for (let minute = 1; minute < MINUTES; minute++) await pass(60);
  expect(seen.size).toBe(VIEWERS);
  expect(busiest()).toBeLessThanOrEqual(0.75 * LIMIT);
});

test("the server is away for a minute and comes back: the busiest minute leaves a quarter of the limit", async () => {
  block("refused");
  server.room = room("active", 6, 101);
  await come(5);
  server.down = true;
  await pass(60);
  server.down = false;
  server.asked = [];
  refused = [];
  await pass(120);
  expect(busiest()).toBeLessThanOrEqual(0.75 * LIMIT);
});
