import { afterEach, describe, expect, test, vi } from "vitest";
import { retryAfter } from "../src/base/time";
import { autoplay, hold, letGo, personHolds } from "../src/stream/autoplay";
import { askLifecycle } from "../src/stream/lifecycle";

afterEach(() => vi.unstubAllGlobals());

describe("starting a picture", () => {
  /** A video of a browser that lets these ways of playing be. */
  function video(may: ("loud" | "silent")[]): HTMLVideoElement {
    const element = {
      muted: false,
      paused: true,
      play: async () => {
        if (!may.includes(element.muted ? "silent" : "loud")) throw new DOMException("", "NotAllowedError");
        element.paused = false;
      },
      pause: () => {
        element.paused = true;
      },
    };
    return element as unknown as HTMLVideoElement;
  }

  test("with sound, else without, else by the person's click alone, then with sound", async () => {
    expect(await autoplay(video(["loud", "silent"]))).toBe("loud");
    const silent = video(["silent"]);
    expect([await autoplay(silent), silent.muted]).toEqual(["silent", true]);
    const refused = video([]);
    expect([await autoplay(refused), refused.muted, refused.paused]).toEqual(["refused", false, true]);
  });

  test("paused by a person: nothing starts it but that person", async () => {
    const one = video(["loud"]);
    await autoplay(one);
    hold(one);
    expect([await autoplay(one), one.paused, personHolds(one)]).toEqual(["held", true, true]);
    expect([await letGo(one), one.paused, personHolds(one)]).toEqual(["loud", false, false]);
  });
});

describe("what /lifecycle answers", () => {
  const { signal } = new AbortController();
  const json = (body: unknown, init?: ResponseInit) => new Response(JSON.stringify(body), init);

  test.each<[string, () => Response, boolean | null]>([
    ["live", () => json({ isInput: true, videoUID: null, live: true }), true],
    ["not live", () => json({ isInput: true, videoUID: null, live: false }), false],
    ["no word of it", () => json({ isInput: true }), null],
    ["another type", () => json({ live: "false" }), null],
    ["null", () => json(null), null],
    ["a web page", () => new Response("<!doctype html><title>Log in</title>"), null],
    ["nothing", () => new Response(null, { status: 204 }), null],
    ["a refusal", () => json({ live: false }, { status: 403 }), null],
  ])("%s", async (_, answer, live) => {
    vi.stubGlobal("fetch", async () => answer());
    expect(await askLifecycle("https://x/lifecycle", signal)).toEqual({ live, retryAfter: 0 });
  });

  test("nothing at all, or a wish to be left alone", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    expect(await askLifecycle("https://x/lifecycle", signal)).toEqual({ live: null, retryAfter: 0 });
    vi.stubGlobal("fetch", async () => json({}, { status: 429, headers: { "Retry-After": "30" } }));
    expect(await askLifecycle("https://x/lifecycle", signal)).toEqual({ live: null, retryAfter: 30_000 });
  });
});

test.each([
  ["12", 12_000],
  ["Thu, 01 Jan 1970 00:01:00 GMT", 50_000],
  ["Thu, 01 Jan 1970 00:00:01 GMT", 0],
  ["-5", 0],
  ["soon", 0],
])("Retry-After: %s", (said, wait) => {
  expect(retryAfter(new Headers({ "Retry-After": said }), 10_000)).toBe(wait);
});
