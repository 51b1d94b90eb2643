/** A list of rooms when its event stream is late, silent or busy; a room's events for the auditor. */
import { afterEach, describe, expect, test } from "vitest";
import type { Room } from "../src/api/types";
import { eventsOf } from "../src/api/use-events";
import { watchRooms } from "../src/api/use-rooms";
import { beats, lately, pass, room, Stream, server, working } from "./live-server";

let lists: (Room[] | null)[];
let stop = () => {};

afterEach(() => stop());

function watch(filter: { host?: string; status?: string }) {
  stop();
  server.asked = [];
  Stream.all = [];
  lists = [];
  ({ stop } = watchRooms(filter, (list) => lists.push(list?.rooms ?? null)));
}

const status = () => lists.at(-1)?.[0]?.status;

describe("a list of rooms", () => {
  test("its stream never opens: each change is seen within 15 s", async () => {
    watch({ status: "" });
    await pass(60);
    server.room = room("active", 6, 101);
    await pass(15.1);
    expect(status()).toBe("active");
    expect(lately(75)).toBeLessThanOrEqual(15);
  });

  test("its stream opens late: asked soon after", async () => {
    watch({ status: "" });
    await pass(0.1);
    server.room = room("active", 6, 101);
    Stream.last.open();
    Stream.last.position();
    await pass(2);
    expect(status()).toBe("active");
  });

  test("its stream works: a question each 12.75 to 15 s all the same, and none where nothing can go on air", async () => {
    watch({ status: "" });
    await working();
    await beats(600);
    expect(lately(600)).toBeGreaterThanOrEqual(39);
    expect(lately(600)).toBeLessThanOrEqual(48);
    server.room = room("ended", 7, 130);
    watch({ host: "0x1" });
    await working();
    await beats(15);
    const before = server.asked.length;
    await beats(600);
    expect(server.asked.length).toBe(before);
  });

  test("many changes at once are few questions, and the last of them is seen", async () => {
    watch({ status: "" });
    await working();
    await pass(2);
    const before = server.asked.length;
    for (let seq = 6; seq < 106; seq++) {
      server.room = room("active", seq, 100 + seq);
      Stream.last.event(seq);
      await pass(0.05);
    }
    await pass(2);
    expect(server.asked.length - before).toBeLessThanOrEqual(6);
    expect(lists.at(-1)?.[0]?.last_seq).toBe(105);
  });

  test("an answer that is behind replaces nothing newer", async () => {
    watch({ status: "" });
    await working();
    server.room = room("active", 6, 101);
    Stream.last.event(6);
    await pass(2);
    server.room = room("pending", 5, 100);
    Stream.last.event(6);
    await pass(4);
    expect(status()).toBe("active");
  });
});

test("a room's events for the auditor: asked again until they are there", async () => {
  const known = room("active", 6, 101, { events: 2 });
  server.room = { ...known, events_told: [] };
  server.down = true;
  let found: unknown[] | null = null;
  void eventsOf(known, new AbortController().signal).then((events) => (found = events));
  await pass(2);
  expect(found).toBeNull();
  server.down = false;
  await pass(5);
  expect(found).toBeNull();
  server.room = { ...known, events_told: [{ seq: 5 }, { seq: 6 }] };
  await pass(16);
  expect(found).toHaveLength(2);
});
