/** What the page concludes from what the contract says: a price, who pays, what ending costs, details. */
import { encodeFunctionResult, type Hex, zeroAddress } from "viem";
import { describe, expect, test } from "vitest";
import { abi } from "../src/contract/abi";
import { textBytes } from "../src/contract/calls";
import { detailsOf, MAX_DETAILS_BYTES } from "../src/contract/details";
import { isOutdated, isUnsent } from "../src/contract/failures";
import { isWorse, type Offer, obstacleOf, paymentOf, readOffer } from "../src/contract/offer";
import { ranked } from "../src/contract/operator-choice";
import type { RpcRequest } from "../src/contract/rpc";
import { endingOf, eventsLeft, FEW_EVENTS, type Standing } from "../src/contract/standing";
import type { RoomView, Terms } from "../src/contract/views";

const HOST: Hex = `0x${"11".repeat(20)}`;
const NEXT: Hex = `0x${"22".repeat(20)}`;

const terms: Terms = {
  deposit: 10n,
  fee: 1n,
  maxRoomSeconds: 3_600,
  fulfillDeadlineSeconds: 1_800,
  maxOpenRooms: 2,
  maxRoomEvents: 60,
  rekeyCooldown: 60,
};

const offer = (changes: Partial<Offer> = {}): Offer => ({
  ...{ termsId: 3, terms, paused: false, retired: false, successor: null },
  ...{ operatorId: 1, privateOperatorId: null, credit: 0n, openRooms: 0n },
  ...changes,
});

describe("who pays for a room", () => {
  test.each([
    [0n, 11n, 0n],
    [4n, 7n, 4n],
    [11n, 0n, 11n],
    [99n, 0n, 11n],
  ])("a balance of %d", (credit, fromWallet, fromBalance) => {
    expect(paymentOf(offer({ credit }))).toEqual({ price: 11n, fromWallet, fromBalance });
  });

  test("asked again: whatever costs more or gives less, and nothing else", () => {
    const shown = offer({ credit: 5n });
    const with_ = (changes: Partial<Terms>) => offer({ credit: 5n, terms: { ...terms, ...changes } });
    for (const worse of [
      with_({ deposit: 11n, fee: 0n }),
      with_({ deposit: 9n, fee: 2n }),
      with_({ maxRoomSeconds: 60 }),
      offer({ credit: 4n }),
    ]) {
      expect(isWorse(worse, shown)).toBe(true);
    }
    for (const no of [shown, with_({ fee: 0n }), with_({ maxRoomSeconds: 7_200 }), offer({ credit: 6n, termsId: 4 })]) {
      expect(isWorse(no, shown)).toBe(false);
    }
  });

  test("made anew: after another payment or terms than the contract's, which sends nothing", () => {
    for (const name of ["TermsChanged", "WrongPayment"]) {
      expect(isOutdated({ kind: "revert", name, args: [] })).toBe(true);
      expect(isUnsent({ kind: "revert", name, args: [] })).toBe(true);
    }
    expect(isOutdated({ kind: "revert", name: "CreationPaused", args: [] })).toBe(false);
    expect(isOutdated({ kind: "declined" })).toBe(false);
  });
});

test.each<[string, Partial<Offer>, string | null]>([
  ["nothing", {}, null],
  ["retired, and paused too", { retired: true, paused: true, successor: NEXT }, "RegistryRetired"],
  ["paused", { paused: true, operatorId: null }, "CreationPaused"],
  ["no operator", { operatorId: null }, "OperatorNotAccepting"],
  ["one room below the limit", { openRooms: 1n }, null],
  ["the limit", { openRooms: 2n }, "TooManyOpenRooms"],
])("in the way of a room: %s", (_, changes, name) => {
  expect(obstacleOf(offer(changes))?.name ?? null).toBe(name);
});

describe("the offer, by the contract's one view", () => {
  /** A contract with these operators, each accepting or not. */
  const node = (operators: boolean[], asked: string[] = [], ids: number[] = []): RpcRequest => {
    return async (_, [call, block] = []) => {
      const { data } = call as { data: string };
      asked.push(`${block}`);
      if (data.length === 10)
        return encodeFunctionResult({ abi, functionName: "operatorCount", result: operators.length });
      const id = Number(`0x${data.slice(10, 74)}`);
      ids.push(id);
      const result = {
        ...{ termsId: 3, terms, paused: false, successor: NEXT, retired: true },
        ...{ accepting: operators[id - 1] ?? false, credit: 4n, openRooms: 1n },
      };
      return encodeFunctionResult({ abi, functionName: "creation", result });
    };
  };
  const read = (operators: boolean[], host: Hex | null = HOST, playback: number[] = [], ids: number[] = []) =>
    readOffer({ request: node(operators, [], ids), contract: zeroAddress }, host, new Set(playback));
  const order = ranked(HOST, [1, 2, 3, 4]);
  const [first = 0, second = 0, third = 0, last = 0] = order;
  const open = (...ids: number[]) => [1, 2, 3, 4].map((id) => ids.includes(id));

  test("the host's own of those that accept", async () => {
    expect(await read(open(...order))).toMatchObject({ operatorId: first });
    expect(await read(open(third, second, last))).toEqual(
      offer({ operatorId: second, retired: true, successor: NEXT, credit: 4n, openRooms: 1n }),
    );
  });
  test("for some only: the host's own of those that have a playback service, too", async () => {
    const rooms = (ids: number[], playback: number[]) => read(open(...ids), HOST, playback);
    expect(await rooms(order, [first, last])).toMatchObject({ operatorId: first, privateOperatorId: first });
    expect(await rooms(order, [last, third])).toMatchObject({ operatorId: first, privateOperatorId: third });
    expect(await rooms([second, last], [third, last])).toMatchObject({ operatorId: second, privateOperatorId: last });
    expect(await rooms([first, second], [third, 9])).toMatchObject({ operatorId: first, privateOperatorId: null });
  });
  test("no more operators are asked than it takes", async () => {
    const ids: number[] = [];
    await read(open(second, third, last), HOST, [last], ids);
    expect(ids).toEqual([first, second, last]);
  });
  test("none accepts, or there is none", async () => {
    expect(await read([false], HOST, [1])).toMatchObject({ operatorId: null, privateOperatorId: null, termsId: 3 });
    expect(await read([])).toMatchObject({ operatorId: null, termsId: 3 });
  });
  test("nobody is owed anything before a wallet is there", async () => {
    expect(await read([true], null)).toMatchObject({ credit: 0n, openRooms: 0n });
  });
  test("read at the newest block", async () => {
    const asked: string[] = [];
    await readOffer({ request: node([true], asked), contract: zeroAddress }, HOST, new Set());
    expect(new Set(asked)).toEqual(new Set(["latest"]));
  });
});

describe("what ending a room costs", () => {
  const standing = (status: number, effectiveStatus = status, events = 1): Standing => ({
    room: { status, effectiveStatus, createdAt: 1_000n, events } as RoomView,
    terms,
  });
  test.each<[string, Standing, object]>([
    ["pending and in time: the fee", standing(1), { call: "end", costs: 1n, freeAt: 2_800 }],
    ["pending and too late: nothing, by anybody's call", standing(1, 3), { call: "expire", costs: 0n }],
    ["active", standing(2), { call: "end", costs: 0n }],
    ["active, its time up", standing(2, 3), { call: "expire", costs: 0n }],
    ["ended already: the contract refuses, instead of passing over it", standing(3), { call: "end", costs: 0n }],
  ])("%s", (_, of, ending) => {
    expect(endingOf(of)).toMatchObject(ending);
  });

  test("an heir is warned below eight events, and none is left of more than all", () => {
    expect([52, 53, 60, 61].map((events) => eventsLeft(standing(2, 2, events)))).toEqual([8, 7, 0, 0]);
    expect(FEW_EVENTS).toBe(8);
  });
});

test("details: only what is told, as few bytes as may be, counted as the contract counts", () => {
  expect(detailsOf({ about: "", lang: "", class: "" })).toBe("");
  const details = detailsOf({ about: "Đàn “tranh”\n", lang: "vi", class: "" });
  expect(details).toBe('{"about":"Đàn “tranh”\\n","lang":"vi"}');
  expect(textBytes(detailsOf({ about: "x".repeat(MAX_DETAILS_BYTES - 12), lang: "", class: "" }))).toBe(
    MAX_DETAILS_BYTES,
  );
});
