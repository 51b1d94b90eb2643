/** A room's watch when its event stream is late, held back, silent, hidden or broken. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { pollPause } from "../src/api/polling";
import type { Room } from "../src/api/types";
import { type RoomState, watchRoom } from "../src/api/use-room";
import { beats, lately, listeners, look, pass, room, START, Stream, server, working } from "./live-server";

let seen: RoomState[];
let stop: () => void;

beforeEach(() => {
  seen = [];
  stop = watchRoom("live_7", (state) => seen.push(state));
});

afterEach(() => stop());

const shown = (): Room | null => {
  const last = seen.at(-1);
  return last?.kind === "known" ? last.room : null;
};

describe("a stream that opens late", () => {
  test("the room changed before the first opening: asked at once when it opens", async () => {
    await pass(0.1);
    server.room = room("active", 6, 101);
    await pass(1);
    Stream.last.open();
    await pass(0.1);
    expect(shown()?.status).toBe("active");
  });

  test("what `position` tells is newer than what was answered: asked until that is there", async () => {
    await pass(0.1);
    const old = server.room;
    Stream.last.open();
    await pass(0.1);
    const before = server.asked.length;
    server.room = room("active", 6, 101);
    Stream.last.position();
    server.room = old; // the process that answers has not read it yet
    await pass(0.1);
    expect(server.asked.length).toBeGreaterThan(before);
    server.room = room("active", 6, 101);
    await pass(1);
    expect(shown()?.status).toBe("active");
  });

  test("`position` tells what is shown already: nothing is asked for it", async () => {
    await working();
    const before = server.asked.length;
    Stream.last.position();
    await pass(1);
    expect(server.asked.length).toBe(before);
  });
});

describe("a stream that never opens", () => {
  test("a pending room becomes active: seen within 15 s", async () => {
    await pass(40);
    server.room = room("active", 6, 101);
    await pass(15.1);
    expect(shown()?.status).toBe("active");
  });

  test("an active room ends: seen within 15 s, whenever it happens", async () => {
    server.room = room("active", 6, 101);
    await pass(300);
    expect(shown()?.status).toBe("active");
    server.room = room("ended", 7, 150);
    await pass(15.1);
    expect(shown()?.status).toBe("ended");
  });

  test("asks no more often than each 5 s, and never two at a time", async () => {
    await pass(600);
    expect(lately(590)).toBeLessThanOrEqual(120);
    const gaps = server.asked.slice(2).map((at, before) => at - (server.asked[before + 1] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5_000);
    expect(server.most).toBe(1);
  });

  test("it is given up and tried again, one at a time", async () => {
    await pass(600);
    expect(Stream.all.length).toBeGreaterThan(2);
    expect(Stream.all.length).toBeLessThan(15);
    expect(Stream.held).toBeLessThanOrEqual(1);
    Stream.last.open();
    await pass(0.1);
    expect(lately(0.2)).toBe(1);
  });
});

describe("a stream that opens and works", () => {
  test("nothing is awaited: not one question more in half an hour of beats", async () => {
    server.room = room("active", 6, 101);
    await working();
    const before = server.asked.length;
    await beats(1800);
    expect(server.asked.length).toBe(before);
  });

  test("something is awaited: a question each 12 to 15 s all the same, however long", async () => {
    await working();
    await beats(60);
    expect(lately(59)).toBeGreaterThanOrEqual(3);
    expect(lately(59)).toBeLessThanOrEqual(5);
    await beats(600);
    expect(lately(300)).toBeGreaterThanOrEqual(20);
    expect(lately(300)).toBeLessThanOrEqual(24);
    server.room = room("active", 6, 101); // and nobody says so
    await beats(15);
    expect(shown()?.status).toBe("active");
  });

  test("the room's time runs out, which no event tells: asked", async () => {
    server.room = room("active", 6, 101, { expires_at: START + 60 });
    await working();
    await beats(60);
    server.room = room("active", 6, 140, { expires_at: START + 60, expirable: true });
    await beats(30);
    expect(shown()?.expirable).toBe(true);
  });

  test("events are asked about at once", async () => {
    await working();
    server.room = room("active", 6, 101);
    Stream.last.event(6);
    await pass(0.1);
    expect(shown()?.status).toBe("active");
  });
});

describe("a stream that opens and falls silent", () => {
  test("after 20 s without anything heard the page asks by itself", async () => {
    server.room = room("active", 6, 101);
    await working();
    await beats(60);
    const before = server.asked.length;
    await pass(19);
    expect(server.asked.length).toBe(before);
    server.room = room("ended", 7, 200);
    await pass(2.5);
    expect(shown()?.status).toBe("ended");
  });

  test("opens, but nothing ever comes through: seen within 15 s", async () => {
    server.room = room("active", 6, 101);
    await pass(0.1);
    Stream.last.open();
    await pass(2);
    server.room = room("ended", 7, 110);
    await pass(15.1);
    expect(shown()?.status).toBe("ended");
  });

  test("a room that is over is asked rarely, one that is settled never", async () => {
    server.room = room("ended", 7, 110);
    await pass(660);
    expect(lately(600)).toBeLessThanOrEqual(8);
    expect(lately(600)).toBeGreaterThanOrEqual(3);
    server.room = room("ended", 8, 120, { released: true, finality: "finalized" });
    await pass(130);
    Stream.last.open();
    await pass(1);
    const before = server.asked.length;
    await pass(3600);
    expect(server.asked.length).toBe(before);
  });
});

describe("a hidden tab", () => {
  test("asks nothing, holds no stream, and asks at once on return", async () => {
    await working();
    look("hidden");
    const before = server.asked.length;
    await pass(14);
    Stream.last.event(6);
    await pass(600);
    expect(server.asked.length).toBe(before);
    expect(Stream.held).toBe(0);
    server.room = room("active", 6, 101);
    look("visible");
    await pass(0.1);
    expect(shown()?.status).toBe("active");
    expect(Stream.held).toBe(1);
  });

  test("returns before its stream was closed: asks at once too", async () => {
    await working();
    look("hidden");
    await pass(5);
    server.room = room("active", 6, 101);
    look("visible");
    await pass(0.1);
    expect(shown()?.status).toBe("active");
    expect(Stream.all.length).toBe(1);
  });

  test("comes and goes quickly: one question at a time, one stream", async () => {
    await working();
    for (let times = 0; times < 20; times++) {
      look("hidden");
      look("visible");
    }
    await pass(1);
    expect(server.most).toBe(1);
    expect(lately(1)).toBeLessThanOrEqual(2);
    expect(Stream.held).toBe(1);
  });

  test("opened in the background: one question, then none until it is looked at", async () => {
    stop();
    server.asked = [];
    look("hidden");
    stop = watchRoom("live_7", (state) => seen.push(state));
    await pass(120);
    expect(server.asked.length).toBe(1);
    look("visible");
    await pass(0.1);
    expect(server.asked.length).toBe(2);
  });
});

describe("a stream that breaks again and again", () => {
  test("opens and breaks: ever more rarely, and still true", async () => {
    server.room = room("active", 6, 101);
    await pass(0.1);
    let last: Stream | null = null;
    for (let second = 0; second < 300; second++) {
      if (Stream.last !== last && Stream.last.readyState === 0) {
        last = Stream.last;
        last.open();
        last.position();
        last.fail();
      }
      await pass(1);
    }
    expect(Stream.all.length).toBeLessThan(25);
    expect(lately(240)).toBeLessThanOrEqual(48);
    expect(server.most).toBe(1);
    server.room = room("ended", 7, 200);
    await pass(15.1);
    expect(shown()?.status).toBe("ended");
  });

  test("is refused for good: retried slowly; the page asks by itself", async () => {
    await pass(0.1);
    for (let second = 0; second < 120; second++) {
      if (Stream.last.readyState === 0) Stream.last.fail();
      await pass(1);
    }
    expect(Stream.all.length).toBeLessThan(15);
    expect(lately(120)).toBeLessThanOrEqual(24);
    server.room = room("active", 6, 101);
    await pass(15.1);
    expect(shown()?.status).toBe("active");
  });

  test("the server is away and comes back: shown as stale, then true again", async () => {
    await working();
    server.down = true;
    Stream.last.fail();
    await pass(6);
    expect(seen.at(-1)).toMatchObject({ kind: "known", stale: true });
    server.down = false;
    server.room = room("active", 6, 101);
    await pass(15.1);
    expect(seen.at(-1)).toMatchObject({ kind: "known", stale: false });
    expect(shown()?.status).toBe("active");
  });

  test("too many questions from this address: waits as long as it is told to, says nothing wrong", async () => {
    await pass(0.1);
    server.limited = true;
    await pass(60);
    expect(lately(60)).toBeLessThanOrEqual(4);
    expect(seen.at(-1)).toMatchObject({ kind: "known", stale: false });
  });
});

describe("what is shown never goes backwards", () => {
  test("an answer of a process that is behind replaces nothing newer", async () => {
    await working();
    server.room = room("active", 6, 101);
    Stream.last.event(6);
    await pass(0.1);
    const told = seen.length;
    server.room = room("pending", 5, 100);
    Stream.last.open();
    await pass(5);
    expect(seen.slice(told).map((state) => state.kind === "known" && state.room.last_seq)).not.toContain(5);
    expect(shown()?.status).toBe("active");
  });

  test("nor does its `unknown`", async () => {
    await working();
    const told = seen.length;
    server.room = null;
    Stream.last.open();
    await pass(5);
    expect(seen.slice(told).map(({ kind }) => kind)).not.toContain("unknown");
  });

  test("a reorg does take it back: told by the index's place, or by `reset`", async () => {
    await working();
    server.room = room("active", 6, 101);
    Stream.last.event(6);
    await pass(0.1);
    server.room = room("pending", 5, 102);
    await pass(15.1);
    Stream.last.open();
    await pass(0.1);
    expect(shown()?.status).toBe("pending");
    server.room = room("pending", 4, 99);
    Stream.last.hear("reset", { reason: "reorg" });
    await pass(0.1);
    expect(shown()?.last_seq).toBe(4);
  });

  test("an index that is made anew is believed after a minute, even without a signal", async () => {
    await working();
    server.room = room("pending", 2, 50);
    await pass(80);
    expect(shown()?.last_seq).toBe(2);
  });
});

test("the pace, of all states", () => {
  const states = ["awaited", "calm", "over", "settled"] as const;
  const paces = (heard: boolean, calm: number) => states.map((waits) => pollPause(waits, heard, calm, 1));
  expect(paces(true, 0)).toEqual([15_000, Infinity, Infinity, Infinity]);
  expect(paces(true, 99)).toEqual([15_000, Infinity, Infinity, Infinity]);
  expect(paces(false, 0)).toEqual([6_000, 6_000, 120_000, Infinity]);
  expect(paces(false, 9)).toEqual([15_000, 15_000, 120_000, Infinity]);
  expect(pollPause("awaited", false, 0, 0)).toBeGreaterThanOrEqual(5_000);
});

test("stopped: no timer, no stream, no listener is left", async () => {
  await working();
  stop();
  const before = server.asked.length;
  await pass(120);
  expect(server.asked.length).toBe(before);
  expect(Stream.held).toBe(0);
  expect(listeners.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

describe("a server that says when to ask again", () => {
  test("no signal and no return to the tab asks before that", async () => {
    await working();
    server.limited = true;
    Stream.last.event(6);
    await pass(1);
    const before = server.asked.length;
    Stream.last.event(7);
    look("hidden");
    look("visible");
    await pass(27);
    expect(server.asked.length).toBe(before);
    server.limited = false;
    server.room = room("active", 7, 110);
    await pass(35);
    expect(shown()?.status).toBe("active");
  });
});
