/** A room's recordings, which nothing announces. */
import { afterEach, expect, test } from "vitest";
import type { Room } from "../src/api/types";
import { watchRecordings } from "../src/api/use-recordings";
import { lately, look, pass, room, START, server } from "./live-server";

let stop = () => {};
afterEach(() => stop());

const ended = () => room("ended", 7, 120, { end: { at: START, reason: "host" } as Room["end"] });
const watch = (of: Room) => {
  stop = watchRecordings(of, () => {});
};

test("a room has just ended: asked each 5 to 15 s for ten minutes, then each two", async () => {
  watch(ended());
  await pass(600);
  expect(lately(60)).toBeGreaterThanOrEqual(4);
  expect(lately(60)).toBeLessThanOrEqual(12);
  await pass(3600);
  expect(lately(1200)).toBeGreaterThanOrEqual(10);
  expect(lately(1200)).toBeLessThanOrEqual(13);
});

test("an open room: each two minutes, for as long as it is shown", async () => {
  watch(room("active", 6, 101));
  await pass(7200);
  expect(lately(3600)).toBeGreaterThanOrEqual(30);
  expect(lately(3600)).toBeLessThanOrEqual(36);
});

test("a hidden tab asks nothing", async () => {
  watch(room("active", 6, 101));
  await pass(10);
  look("hidden");
  await pass(3600);
  expect(lately(3400)).toBe(0);
  look("visible");
  await pass(1);
  expect(lately(2)).toBe(1);
});

test("the server is busy: not asked again before its Retry-After", async () => {
  server.limited = true;
  watch(ended());
  await pass(29);
  expect(server.asked.length).toBe(1);
  await pass(60);
  expect(server.asked.length).toBeGreaterThan(1);
});
