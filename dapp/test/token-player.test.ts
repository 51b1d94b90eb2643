/** A token that changes while something plays: what hls.js asks for, and what the browser's own player does. */
import { beforeEach, expect, test, vi } from "vitest";
import type { PlayAddress } from "../src/stream/address";
import { native, requestAt } from "../src/stream/hls-player";
import { SignallingError } from "../src/stream/signalling";
import { watchWhep } from "../src/stream/watch-whep";
import { SimulatedTime } from "./simulated-time";

vi.stubGlobal("document", { hidden: false, visibilityState: "visible" });

class Changing implements PlayAddress {
  token = 1;
  refusals: boolean[] = [];
  private readonly listeners = new Set<() => void>();
  fresh = async (refused: boolean) => {
    this.refusals.push(refused);
    return `https://video.example/token${this.token}/play`;
  };
  present = (url: string) => url.replace(/token\d/, `token${this.token}`);
  follow = (changed: () => void) => {
    this.listeners.add(changed);
    return () => void this.listeners.delete(changed);
  };
  renew() {
    this.token += 1;
    for (const changed of this.listeners) changed();
  }
  get followed() {
    return this.listeners.size;
  }
}

let address: Changing;
beforeEach(() => {
  address = new Changing();
});

test("hls.js: every request goes out with the present token; an unchanged one is left alone", () => {
  const open = vi.fn();
  const setup = requestAt(address);
  setup({ open }, "https://video.example/token1/seg_1.m4s");
  expect(open).not.toHaveBeenCalled();
  address.renew();
  setup({ open }, "https://video.example/token1/seg_2.m4s");
  expect(open).toHaveBeenCalledWith("GET", "https://video.example/token2/seg_2.m4s", true);
});

class Video extends EventTarget {
  src = "";
  currentTime = 0;
  end = 0;
  readonly videoWidth = 640;
  readonly buffered = { length: 0 };
  get seekable() {
    return { length: this.end > 0 ? 1 : 0, start: () => 0, end: () => this.end };
  }
  play = async () => {};
  load = vi.fn();
  removeAttribute = () => {
    this.src = "";
  };
}

function play(at: number, end: number) {
  const video = new Video();
  const player = native("https://video.example/token1/x.m3u8", video as unknown as HTMLVideoElement, address);
  Object.assign(video, { currentTime: at, end });
  return { video, player };
}

test("an iPhone's own player: a new source at the live edge", () => {
  const { video, player } = play(97, 100);
  address.renew();
  expect(video.src).toBe("https://video.example/token2/x.m3u8");
  Object.assign(video, { currentTime: 5, end: 8 });
  video.dispatchEvent(new Event("loadeddata"));
  expect(video.currentTime).toBe(5); // where the browser starts: live
  player.close();
  expect(address.followed).toBe(0);
});

test("an iPhone's own player: who had gone back stays as far behind", () => {
  const { video } = play(40, 100);
  address.renew();
  Object.assign(video, { currentTime: 98, end: 101 });
  video.dispatchEvent(new Event("loadeddata"));
  expect(video.currentTime).toBe(41);
});

test("WHEP: each session at a fresh address; a refusal asks for another token", async () => {
  const time = new SimulatedTime();
  time.at(60, () => time.stopping.abort());
  const posts: string[] = [];
  await watchWhep(address, "https://video.example/uid/lifecycle", () => {}, time.stopping.signal, {
    connect: async (url) => {
      posts.push(url);
      address.token += 1;
      throw new SignallingError(posts.length === 1 ? "refused" : "busy", 403);
    },
    lifecycle: async () => ({ live: true, retryAfter: 0 }),
    trusted: () => true,
    clock: time,
    excused: () => false,
  });
  expect(posts.slice(0, 3)).toEqual([1, 2, 3].map((token) => `https://video.example/token${token}/play`));
  expect(address.refusals.slice(0, 3)).toEqual([false, true, false]);
});

test("WHEP: while no address is to be had nothing is posted, and it goes on when there is one", async () => {
  const time = new SimulatedTime();
  let out = true;
  time.at(20, () => (out = false)).at(60, () => time.stopping.abort());
  const posts: number[] = [];
  const fresh = async () => {
    if (out) throw new Error("no admission");
    return "https://video.example/token/play";
  };
  await watchWhep({ fresh }, "https://video.example/uid/lifecycle", () => {}, time.stopping.signal, {
    connect: async () => {
      posts.push(time.time);
      throw new SignallingError("not-live", 409);
    },
    lifecycle: async () => ({ live: true, retryAfter: 0 }),
    trusted: () => true,
    clock: time,
    excused: () => false,
  });
  expect(Math.min(...posts)).toBeGreaterThanOrEqual(20_000);
});
