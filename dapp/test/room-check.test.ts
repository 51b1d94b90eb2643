import { expect, test } from "vitest";
import { eventsDiffer, roomDiffers, stateDiffers } from "../src/audit/room-check";
import { foldRoom } from "../src/audit/room-fold";
import { zeros } from "../src/base/hex";
import type { RoomView } from "../src/contract/views";
import { ofRoom, story } from "./vectors";

const fold = () => {
  const folded = foldRoom(ofRoom(1n), story.chainId, story.contract);
  if (folded === null) throw new Error("no room");
  return folded;
};

test("fold: a whole life: tags hold, and the API's room is the same", () => {
  const room = fold();
  expect(room.tagsHold).toBe(true);
  expect(room).toMatchObject({ keyVersion: 3, ended: true, released: true, endReason: 1 });
  expect(roomDiffers(story.room, room)).toEqual([]);
  expect(eventsDiffer(story.events, ofRoom(1n))).toEqual([]);
});

test("fold: another chain: the tags do not hold", () => {
  expect(foldRoom(ofRoom(1n), 1, story.contract)?.tagsHold).toBe(false);
});

test("fold: without the creation: nothing", () => {
  expect(foldRoom(ofRoom(1n).slice(1), story.chainId, story.contract)).toBeNull();
});

test("API lies about the host: named", () => {
  const lie = { ...story.room, host: `0x${"99".repeat(20)}` };
  expect(roomDiffers(lie, fold())).toEqual([expect.stringMatching(/^host: /)]);
});

test("API lies about the description or the start: named", () => {
  expect(fold().details).toMatch(/ff$/); // no Unicode, and yet compared byte by byte
  const lie = { ...story.room, starts_at: null, details_hex: "0x" };
  expect(roomDiffers(lie, fold()).map((text) => text.split(":")[0])).toEqual(["starts_at", "details"]);
});

test("the deposit went to another account than the host: named", () => {
  const room = { ...fold(), credited: zeros(20) };
  const view = { ...fold(), gated: false, status: 3 } as unknown as RoomView;
  expect(stateDiffers(room, view)).toEqual([expect.stringMatching(/^credited: /)]);
});

test("API hides an event: named", () => {
  expect(eventsDiffer(story.events.slice(0, -1), ofRoom(1n))[0]).toMatch(/^events: /);
});

test("contract answers another state: named", () => {
  const room = fold();
  const view = {
    ...room,
    gated: false,
    status: 3,
    pendingHost: room.pendingHost,
    createdAt: BigInt(room.createdAt),
  } as unknown as RoomView;
  expect(stateDiffers(room, view)).toEqual([]);
  expect(stateDiffers(room, { ...view, uid: zeros(16) })).toEqual([expect.stringMatching(/^uid: /)]);
});
