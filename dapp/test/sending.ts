/** A page that sends transactions as a test plays it: its wallet, its browser and a fake chain, in time that the test owns. */
import { type Hex, zeroAddress } from "viem";
import { afterEach, beforeEach, vi } from "vitest";
import { type Begun, begunAt, slotOf } from "../src/contract/begun";
import { type Call, createRoom } from "../src/contract/calls";
import { Failed, type Failure } from "../src/contract/failures";
import { follow, type TransactionStep } from "../src/contract/follow";
import { send } from "../src/contract/send";
import { locks, storage } from "./fake-browser";
import { CONTRACT, FakeChain, log, ME } from "./fake-chain";

export const KEY: Hex = `0x${"ab".repeat(32)}`;
export const create = createRoom({
  ...{ termsId: 1, operatorId: 1, mode: "webrtc", gate: zeroAddress },
  ...{ ingestKey: KEY, title: "Đàn", value: 7n },
});

export let chain: FakeChain;
/** What the wallet was asked for. */
export let asked: unknown[];
/** What the page was told of its transactions. */
export let steps: TransactionStep[];
export const browser = { kept: new Map<string, string>(), locked: new Set<string>(), full: false };
let leaving: AbortController;

beforeEach(() => {
  vi.useFakeTimers();
  chain = new FakeChain();
  asked = [];
  steps = [];
  Object.assign(browser, { kept: new Map(), locked: new Set(), full: false });
  leaving = new AbortController();
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("navigator", { locks: locks(browser.locked) });
  vi.stubGlobal(
    "localStorage",
    storage(browser.kept, () => browser.full),
  );
});

afterEach(async () => {
  leave();
  await pass(20);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

export const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

interface Course {
  outcome: { found?: string; failure?: Failure; left?: true } | null;
}

function course(work: Promise<{ name: string }>): Course {
  const mine: Course = { outcome: null };
  work.then(
    ({ name }) => {
      mine.outcome = { found: name };
    },
    (error) => {
      mine.outcome = error instanceof Failed ? { failure: error.failure } : { left: true };
    },
  );
  return mine;
}

const tell = (step: TransactionStep) => void steps.push(step);

/** Send; `wallet`: how it answers. */
export function begin(wallet: () => Promise<unknown>, call: Call = create): Course {
  const context = {
    read: chain.read,
    wallet: (_: string, params: unknown[] = []) => {
      asked.push(params[0]);
      return wallet();
    },
    chainId: 1,
    account: ME,
    contract: CONTRACT,
    tell,
    signal: leaving.signal,
  };
  return course(send(context, call));
}

export const slot = (call: Call = create) =>
  slotOf({ chainId: 1, contract: CONTRACT, account: ME, effect: call.effect });

/** The page is left: it waits for nothing more. */
export function leave(): void {
  leaving.abort();
  leaving = new AbortController();
}

/** The page as loaded anew: what was begun is taken up. */
export function reload(call: Call = create): Course {
  leave();
  browser.locked.clear();
  const record = begunAt(slot(call)) as Begun;
  return course(follow({ read: chain.read, tell, signal: leaving.signal }, record));
}

export const created = (key = KEY) => [log("RoomCreated", { ingestKey: key, title: "Đàn" })];
export const last = () => steps.at(-1);
