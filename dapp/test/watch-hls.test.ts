import { beforeEach, describe, expect, test, vi } from "vitest";
import { fixedAddress } from "../src/stream/address";
import type { Started } from "../src/stream/autoplay";
import type { HlsOver, HlsPlayer } from "../src/stream/hls-player";
import type { Clock, Lifecycle } from "../src/stream/lifecycle";
import { type HlsPhase, playHls, watchHls } from "../src/stream/watch-hls";
import { SimulatedTime } from "./simulated-time";

vi.stubGlobal("document", { hidden: false, visibilityState: "visible" });

/** A broadcast that a test plays, and a player of it. */
class Stage extends SimulatedTime {
  live: boolean | null = true; // what /lifecycle says
  status = 200; // of the manifest
  retryAfter = 0;
  grows = true; // the playlist
  arrives = true; // what the playlist names
  decodes = true; // the picture moves as far as the playlist reaches
  begins = true; // a first picture comes
  shows = true; // pictures come of what is decoded; without them the sound goes on
  undecodable = false; // the player gives up before anything is seen, no answer to blame
  stuckUntil: "seek" | "recover" | "reopen" | null = null; // what a standing picture needs
  starts: Started = "loud";
  paused = false;
  supported = true;
  native = false; // the element itself plays: it does not say what the server answered
  chunk = true; // whether hls.js can be loaded
  opened: number[] = [];
  asked = 0;
  done: string[] = [];
  private open = 0;
  private edge = 100;

  openPlayer = async (): Promise<HlsPlayer | null> => {
    this.opened.push(this.time);
    if (!this.chunk) throw new TypeError("Failed to fetch dynamically imported module");
    if (!this.supported) return null;
    this.open += 1;
    if (this.stuckUntil === "reopen") this.stuckUntil = null;
    let before = this.time;
    const began = this.time;
    let at = this.edge;
    let edge = this.edge;
    let frames = 0;
    const move = () => {
      const seconds = (this.time - before) / 1000;
      before = this.time;
      if (this.status !== 200) return;
      if (this.grows) edge += seconds;
      this.edge = edge;
      if (!this.arrives || !this.decodes || this.stuckUntil !== null || this.paused) return;
      at = Math.min(edge, at + seconds);
      if (this.shows) frames += 30 * seconds;
    };
    return {
      over: (): HlsOver | null => {
        const { retryAfter } = this;
        if (this.undecodable || (this.native && this.status !== 200))
          return { kind: "failed", status: null, retryAfter };
        return this.status === 200 ? null : { kind: "failed", status: this.status, retryAfter };
      },
      started: () => (this.time > began && this.begins ? this.starts : null),
      look: () => {
        move();
        const ahead = this.arrives ? 4 : 0;
        return { at, start: 0, edge, end: edge + 4, ahead, frames, playlist: Math.floor(edge / 2), target: 2_000 };
      },
      seek: (to) => {
        this.done.push(to > edge ? "park" : "seek");
        if (this.stuckUntil === "seek") this.stuckUntil = null;
        at = to;
      },
      recover: () => {
        this.done.push("recover");
        if (this.stuckUntil === "recover") this.stuckUntil = null;
      },
      close: () => {
        this.open -= 1;
      },
    };
  };

  parts = {
    open: this.openPlayer,
    lifecycle: async (): Promise<Lifecycle> => {
      this.asked += 1;
      return { live: this.live, retryAfter: 0 };
    },
    manifest: async () => this.status,
    clock: this as Clock,
    excused: () => this.paused,
  };

  async run(seconds: number): Promise<string[]> {
    this.at(seconds, () => this.stopping.abort());
    const tell = (phase: HlsPhase) => {
      this.note(phase.kind === "trouble" ? phase.why : phase.kind);
    };
    const url = "https://x/manifest/video.m3u8";
    await watchHls(
      fixedAddress(url),
      "https://x/lifecycle",
      {} as HTMLVideoElement,
      tell,
      this.stopping.signal,
      this.parts,
    );
    expect(this.open).toBe(0);
    return this.phases;
  }
}

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

test("live: plays in one player", async () => {
  expect(await stage.run(600)).toEqual(["connecting", "playing"]);
  expect(stage.opened).toHaveLength(1);
  expect(stage.done).toEqual([]);
});

test("not live yet: waits, asks ever more rarely, and no player comes before there is something to play", async () => {
  stage.live = false;
  stage.status = 204;
  stage.at(400, () => {
    stage.live = true;
    stage.status = 200;
  });
  expect(await stage.run(430)).toEqual(["connecting", "waiting", "playing"]);
  expect(stage.asked).toBeLessThan(210);
  expect(stage.opened).toHaveLength(1);
});

test.each([false, null])("/lifecycle says %s for ever: the manifest itself is asked", async (says) => {
  stage.live = says;
  stage.status = 204;
  stage.at(60, () => (stage.status = 200));
  expect(await stage.run(90)).toEqual(["connecting", "waiting", "playing"]);
});

test("/lifecycle says no though it plays: plays at once", async () => {
  stage.live = false;
  expect(await stage.run(20)).toEqual(["connecting", "playing"]);
});

describe("a picture that stands", () => {
  test.each([
    ["seek", ["seek"], 1],
    ["recover", ["seek", "recover"], 1],
    ["reopen", ["seek", "recover"], 2],
  ] as const)("mended by %s", async (what, done, players) => {
    stage.at(20, () => (stage.stuckUntil = what));
    expect(await stage.run(60)).toEqual(["connecting", "playing", "reconnecting", "playing"]);
    expect(stage.when("reconnecting")).toBeLessThan(26);
    expect(stage.done).toEqual(done);
    expect(stage.opened).toHaveLength(players);
  });

  test.each([
    ["nothing of it moves", () => (stage.decodes = false), () => (stage.decodes = true)],
    ["the sound goes on without a picture", () => (stage.shows = false), () => (stage.shows = true)],
    ["the player gives up", () => (stage.undecodable = true), () => (stage.undecodable = false)],
  ])(
    "what came does not decode, %s: said within 30 s, asked slowly, and it plays once it does",
    async (_, fails, works) => {
      stage.at(20, fails).at(600, works);
      expect(await stage.run(720)).toEqual(["connecting", "playing", "reconnecting", "format", "playing"]);
      expect(stage.when("format")).toBeLessThan(50);
      expect(stage.opened.length).toBeLessThan(30);
    },
  );

  test("not even a first picture comes of what came: said within 25 s", async () => {
    stage.begins = false;
    stage.decodes = false;
    stage.at(300, () => {
      stage.begins = true;
      stage.decodes = true;
    });
    expect(await stage.run(400)).toEqual(["connecting", "reconnecting", "format", "playing"]);
    expect(stage.when("format")).toBeLessThan(25);
  });

  test("a bad segment: that is no fault of the device either", async () => {
    stage.at(20, () => (stage.undecodable = true)).at(26, () => (stage.undecodable = false));
    expect(await stage.run(60)).toEqual(["connecting", "playing", "reconnecting", "playing"]);
  });

  test("nothing comes: that is no fault of the device", async () => {
    stage.at(20, () => (stage.arrives = false)).at(300, () => (stage.arrives = true));
    expect(await stage.run(330)).toEqual(["connecting", "playing", "reconnecting", "playing"]);
    expect(stage.opened.length).toBeLessThan(40);
  });

  test("the playlist no longer changes: loaded anew, its last seconds are not played again", async () => {
    stage.at(20, () => (stage.grows = false)).at(300, () => (stage.grows = true));
    expect(await stage.run(330)).toEqual(["connecting", "playing", "reconnecting", "waiting", "playing"]);
    expect(stage.when("reconnecting")).toBeLessThan(30);
    expect(stage.opened.length).toBeLessThan(9);
    expect(new Set(stage.done.slice(1))).toEqual(new Set(["park"]));
  });

  test("paused by a person: no fault, nothing is done", async () => {
    stage.at(10, () => (stage.paused = true)).at(300, () => (stage.paused = false));
    expect(await stage.run(320)).toEqual(["connecting", "playing"]);
    expect([stage.opened.length, stage.done.length]).toEqual([1, 0]);
  });
});

test("the browser refuses to start it: there is a picture to click on", async () => {
  stage.starts = "refused";
  stage.paused = true;
  expect(await stage.run(60)).toEqual(["connecting", "playing"]);
});

describe("answers that refuse", () => {
  test.each([
    ["refused", 401],
    ["refused", 403],
    ["gone", 404],
    ["format", 406],
    ["crowded", 429],
    ["busy", 500],
    ["unreachable", 0],
  ])("%s (%i) for ever: said, asked slowly, and it plays once it may", async (why, status) => {
    stage.status = status;
    stage.at(600, () => (stage.status = 200));
    expect(await stage.run(720)).toEqual(["connecting", why, "playing"]);
    expect(stage.opened.length).toBeLessThan(45);
  });

  test("the browser itself plays, and does not say why not: the manifest does", async () => {
    stage.native = true;
    stage.status = 401;
    stage.at(300, () => (stage.status = 200));
    expect(await stage.run(400)).toEqual(["connecting", "refused", "playing"]);
  });

  test("Retry-After is honoured", async () => {
    stage.status = 429;
    stage.retryAfter = 120_000;
    await stage.run(600);
    expect(stage.opened.length).toBeLessThan(6);
  });

  test("the broadcast ends, and another begins", async () => {
    stage
      .at(20, () => {
        stage.live = false;
        stage.status = 204;
      })
      .at(120, () => {
        stage.live = true;
        stage.status = 200;
      });
    expect(await stage.run(140)).toEqual(["connecting", "playing", "reconnecting", "waiting", "playing"]);
  });
});

test("hls.js cannot be loaded: said, tried again, and it plays once it can be", async () => {
  stage.chunk = false;
  stage.at(120, () => (stage.chunk = true));
  expect(await stage.run(180)).toEqual(["connecting", "unloaded", "playing"]);
  expect(stage.opened.length).toBeLessThan(15);
});

test("a browser that plays no HLS: said", async () => {
  stage.supported = false;
  expect(await stage.run(60)).toEqual(["connecting", "unsupported"]);
});

test("a recording: plays to its end and stays, fails in words", async () => {
  const video = {} as HTMLVideoElement;
  const told = vi.fn();
  stage.at(30, () => stage.stopping.abort());
  expect(await playHls(fixedAddress("https://x/r.m3u8"), video, told, stage.stopping.signal, stage.parts)).toBe(
    "stopped",
  );
  expect(told).toHaveBeenCalledTimes(1);
  stage.status = 404;
  expect(await playHls(fixedAddress("https://x/r.m3u8"), video, told, new AbortController().signal, stage.parts)).toBe(
    "failed",
  );
  stage.chunk = false;
  expect(await playHls(fixedAddress("https://x/r.m3u8"), video, told, new AbortController().signal, stage.parts)).toBe(
    "failed",
  );
});

test.each([
  ["its picture", () => (stage.shows = false)],
  ["anything", () => (stage.decodes = false)],
])("a recording of which %s does not decode: fails in words", async (_, breaks) => {
  breaks();
  const told = vi.fn();
  stage.at(60, () => stage.stopping.abort());
  expect(
    await playHls(fixedAddress("https://x/r.m3u8"), {} as HTMLVideoElement, told, stage.stopping.signal, stage.parts),
  ).toBe("failed");
});

test("a recording that is paused, or slow to come: waits", async () => {
  stage.arrives = false;
  stage.at(60, () => (stage.paused = stage.arrives = true)).at(120, () => stage.stopping.abort());
  const told = vi.fn();
  expect(
    await playHls(fixedAddress("https://x/r.m3u8"), {} as HTMLVideoElement, told, stage.stopping.signal, stage.parts),
  ).toBe("stopped");
});
