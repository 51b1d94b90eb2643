/** Who is on air, in the lists: put in order, merged with what the stream tells, asked without it. */
import { afterEach, describe, expect, test } from "vitest";
import { onAirAfter, once, sectionsOf } from "../src/api/presence";
import type { Presence, Room } from "../src/api/types";
import { type RoomState, watchRoom } from "../src/api/use-room";
import { type HomeRooms, watchHome } from "../src/api/use-rooms";
import { beats, lately, pass, room, START, Stream, server, working } from "./live-server";

const NOW = START;

function named(number: number, more: Partial<Room> = {}): Room {
  return { ...room("active", 6, 101), room_id: `live_${number}`, starts_at: null, ...more };
}

const air = (number: number, since: number, viewers: number | null = null): Room =>
  named(number, { live: true, live_since: since, viewers });

const told = (number: number, live: boolean | null, since: number | null = null, viewers: number | null = null) =>
  ({ room_id: `live_${number}`, live, live_since: since, viewers }) satisfies Presence;

const ids = (rooms: Room[] | undefined) => rooms?.map(({ room_id }) => room_id);

describe("rooms on air after what the stream tells", () => {
  test("latest first, the higher number first of the same second, none twice", () => {
    const { rooms, missing } = onAirAfter(
      [air(1, 50), air(2, 40)],
      [named(3), named(4), named(2)],
      [told(3, true, 45), told(4, true, 50), told(2, true, 40), told(3, true, 45)],
    );
    expect(ids(rooms)).toEqual(["live_4", "live_1", "live_3", "live_2"]);
    expect(missing).toBe(false);
  });

  test("who goes off air, or is not known to be on, goes; who is on air unknown to the lists is missing", () => {
    const { rooms, missing } = onAirAfter(
      [air(1, 50), air(2, 40), air(3, 30)],
      [],
      [told(1, false), told(2, null), told(9, true, 60)],
    );
    expect(ids(rooms)).toEqual(["live_3"]);
    expect(missing).toBe(true);
  });

  test("the last word of several about one room counts", () => {
    const { rooms } = onAirAfter([air(1, 50, 3)], [], [told(1, false), told(1, true, 70, 8)]);
    expect(rooms).toEqual([]); // it left, and the lists do not have it any more
    expect(onAirAfter([air(1, 50, 3)], [named(1)], [told(1, false), told(1, true, 70, 8)]).rooms[0]?.viewers).toBe(8);
  });
});

test("pages of a list: each room once, the newer answer is believed", () => {
  expect(once([named(3, { title: "new" }), named(2), named(3, { title: "old" })]).map((one) => one.title)[0]).toBe(
    "new",
  );
  expect(ids(once([named(3), named(2), named(3)]))).toEqual(["live_3", "live_2"]);
});

test("sections: on air, open, quiet; a plan, or not knowing, is no quiet", () => {
  const open = [
    named(1, { live: true, live_since: 5 }),
    named(2, { live: false }),
    named(3, { live: false, starts_at: NOW + 600 }),
    named(4, { live: false, starts_at: NOW - 3_600 }),
    named(5, { live: false, starts_at: NOW - 7_201 }),
    named(6, { live: null }),
    named(7, { expirable: true }),
  ];
  const found = sectionsOf([air(1, 5)], open, NOW);
  expect(ids(found.onAir)).toEqual(["live_1"]);
  expect(ids(found.open)).toEqual(["live_3", "live_4", "live_6"]);
  expect(ids(found.quiet)).toEqual(["live_2", "live_5", "live_7"]);
});

describe("home", () => {
  let seen: (HomeRooms | null)[];
  let stop = () => {};

  afterEach(() => stop());

  function answer(onAir: Room[], open: Room[], presence: "known" | "unknown" = "known") {
    const rest = { next_cursor: null, presence, finality: "confirmed", index: { block: 101 } };
    server.others.set("/rooms?live=true", { rooms: onAir, ...rest });
    server.others.set("/rooms?status=active", { rooms: open, ...rest });
  }

  function come() {
    seen = [];
    ({ stop } = watchHome((home) => seen.push(home)));
  }

  const onAir = () => ids(seen.at(-1)?.onAir.rooms);

  test("no stream at all: who comes and goes is seen within 15 s, for ever", async () => {
    answer([], [named(1), named(2)]);
    come();
    await pass(300);
    answer([air(2, NOW + 300)], [named(1), air(2, NOW + 300)]);
    await pass(15.1);
    expect(onAir()).toEqual(["live_2"]);
    answer([], [named(1), named(2)]);
    await pass(15.1);
    expect(onAir()).toEqual([]);
  });

  test("the stream works, and loses what it should tell: seen within 15 s", async () => {
    answer([], [named(1)]);
    come();
    await working();
    await beats(120);
    answer([air(1, NOW + 120)], [air(1, NOW + 120)]);
    await beats(15);
    expect(onAir()).toEqual(["live_1"]);
  });

  test("the stream tells: shown at once, without a question; a stale answer soon after changes nothing", async () => {
    answer([], [named(1)]);
    come();
    await working();
    const before = server.asked.length;
    Stream.last.presence(told(1, true, NOW, 4));
    expect(onAir()).toEqual(["live_1"]);
    expect(seen.at(-1)?.onAir.rooms[0]?.viewers).toBe(4);
    expect(server.asked.length).toBe(before);
    Stream.last.event(7); // asks a process that has not read it yet
    await pass(2);
    expect(server.asked.length).toBeGreaterThan(before);
    expect(onAir()).toEqual(["live_1"]);
    await beats(30); // it was not true: the answer is believed
    expect(onAir()).toEqual([]);
  });

  test("somebody on air whom the lists lack: asked about, but not at every word of a busy stream", async () => {
    answer([], [named(1)]);
    come();
    await working();
    await pass(6);
    const before = server.asked.length;
    for (let second = 0; second < 60; second++) {
      Stream.last.presence(told(100 + second, true, NOW));
      await pass(1);
    }
    const questions = server.asked.length - before; // of two lists each
    expect(questions).toBeGreaterThanOrEqual(2 * 8);
    expect(questions).toBeLessThanOrEqual(2 * 13);
  });

  test("how many watch makes nobody ask more often where streams are blocked", async () => {
    answer([air(1, NOW)], [named(1)]);
    come();
    for (let minute = 0; minute < 10; minute++) {
      answer([air(1, NOW, minute)], [air(1, NOW, minute)]);
      await pass(60);
    }
    expect(lately(300)).toBeLessThanOrEqual(2 * 24);
  });

  test("presence is not known: told so, the open rooms stay", async () => {
    answer([], [named(1), named(2)], "unknown");
    come();
    await pass(1);
    expect(seen.at(-1)?.onAir.presence).toBe("unknown");
    expect(ids(seen.at(-1)?.open.rooms)).toEqual(["live_1", "live_2"]);
  });

  test("the server is away and comes back: told, and shown again", async () => {
    answer([air(1, NOW)], [air(1, NOW)]);
    come();
    await pass(1);
    server.down = true;
    await pass(30);
    expect(seen.at(-1)).toBeNull();
    server.down = false;
    await pass(16);
    expect(onAir()).toEqual(["live_1"]);
  });
});

describe("a room whose studio shows who watches", () => {
  let seen: RoomState[];
  let stop = () => {};

  afterEach(() => stop());

  const shown = () => {
    const last = seen.at(-1);
    return last?.kind === "known" ? last.room : null;
  };

  function come(onAir: boolean) {
    seen = [];
    server.room = room("active", 6, 101, { room_id: "live_7" });
    stop = watchRoom("live_7", (state) => seen.push(state), onAir);
  }

  test("the stream tells: at once", async () => {
    come(true);
    await working();
    Stream.last.presence(told(7, true, NOW, 12), told(8, true, NOW, 1));
    expect(shown()).toMatchObject({ live: true, live_since: NOW, viewers: 12 });
  });

  test("`position` tells the state after the stream's opening", async () => {
    come(false);
    await pass(0.1);
    server.room = room("active", 6, 101, { room_id: "live_7", live: true, live_since: NOW });
    Stream.last.open();
    Stream.last.position();
    expect(shown()?.live).toBe(true);
  });

  test("nothing tells: asked each 12.75 to 15 s; a viewer's page asks nothing", async () => {
    come(true);
    await working();
    await beats(60);
    server.room = room("active", 6, 101, { room_id: "live_7", live: true, live_since: NOW, viewers: 3 });
    await beats(15);
    expect(shown()?.viewers).toBe(3);
    stop();
    come(false);
    await working();
    const before = server.asked.length;
    await beats(600);
    expect(server.asked.length).toBe(before);
  });
});
