/** Browsers that cannot make or keep a key, in simulated time: each is told in seconds, and why. */
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { KeysMissing } from "../src/contract/failures";
import type { KeysUnavailable } from "../src/sealing/browser-store";
import { allKeys, findKey, keysMissing, newKey } from "../src/sealing/keys";

const about = { chainId: 1, contract: "0xab" };
const NEVER = () => new Promise<never>(() => {});

const pair = (await crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"])) as CryptoKeyPair;
const raw = await crypto.subtle.exportKey("raw", pair.publicKey);

beforeEach(() => {
  vi.useFakeTimers();
  // no thread of its own, whose time nobody simulates
  vi.spyOn(crypto.subtle, "generateKey").mockImplementation((async () => pair) as never);
  vi.spyOn(crypto.subtle, "exportKey").mockImplementation((async () => raw) as never);
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("indexedDB", new IDBFactory());
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A request that ends as it is told to: never, or with an error of this name. */
function request(error?: string): object {
  const asked = { error: error === undefined ? null : new DOMException("x", error), onerror: () => {} };
  if (error !== undefined) queueMicrotask(() => asked.onerror());
  return asked;
}

/** A database whose transactions never end, or are aborted with an error of this name. */
function database(error?: string): IDBDatabase {
  const store = { put: () => ({}), delete: () => ({}), get: () => ({}), getAll: () => ({}) };
  const transaction = () => {
    const one = {
      error: error === undefined ? null : new DOMException("x", error),
      objectStore: () => store,
      onabort: () => {},
    };
    if (error !== undefined) queueMicrotask(() => one.onabort());
    return one;
  };
  return { transaction, close: vi.fn() } as unknown as IDBDatabase;
}

function opens(result: IDBDatabase): void {
  const open = () => {
    const asked = { result, onsuccess: () => {} };
    queueMicrotask(() => asked.onsuccess());
    return asked;
  };
  vi.stubGlobal("indexedDB", { open });
}

const generates = (answer: () => Promise<never>) =>
  vi.mocked(crypto.subtle.generateKey).mockImplementation(answer as never);

describe("a browser", () => {
  test.each<[string, KeysMissing, () => void]>([
    [
      "without X25519",
      "unsupported",
      () => generates(() => Promise.reject(new DOMException("x", "NotSupportedError"))),
    ],
    ["that never makes a key", "unsupported", () => generates(NEVER)],
    ["whose storage never opens", "silent", () => vi.stubGlobal("indexedDB", { open: () => request() })],
    ["whose storage opens and never answers", "silent", () => opens(database())],
    ["without storage", "refused", () => vi.stubGlobal("indexedDB", undefined)],
    ["that refuses storage", "refused", () => vi.stubGlobal("indexedDB", { open: () => request("SecurityError") })],
    ["whose storage is full", "full", () => opens(database("QuotaExceededError"))],
  ])("%s: %s, in seconds", async (_, why, arrange) => {
    arrange();
    const found = keysMissing();
    const made = newKey(about).catch((error: KeysUnavailable) => error.why);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(await Promise.race([found, Promise.resolve("not yet")])).toBe(why);
    expect(await Promise.race([made, Promise.resolve("not yet")])).toBe(why);
  });

  test("that can: nothing is missing, and the try leaves nothing behind", async () => {
    vi.useRealTimers();
    expect(await keysMissing()).toBe(null);
    expect(await findKey("probe")).toBe(undefined);
    expect(await allKeys(1, "0xab")).toEqual([]);
  });
});

test("storage that opens late is closed again, so that it blocks nobody", async () => {
  const late = database();
  let open = () => {};
  vi.stubGlobal("indexedDB", {
    open: () => {
      const asked = { result: late, onsuccess: () => {} };
      open = () => asked.onsuccess();
      return asked;
    },
  });
  const outcome = expect(findKey("0x01")).rejects.toMatchObject({ why: "silent" });
  await vi.advanceTimersByTimeAsync(6_000);
  await outcome;
  open();
  await vi.advanceTimersByTimeAsync(1);
  expect(late.close).toHaveBeenCalledTimes(1);
});
