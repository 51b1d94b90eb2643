import { beforeEach, describe, expect, test, vi } from "vitest";
import { fixedAddress } from "../src/stream/address";
import type { Lifecycle } from "../src/stream/lifecycle";
import { lifecyclePause } from "../src/stream/lifecycle";
import type { Received } from "../src/stream/picture";
import { type Refusal, SignallingError } from "../src/stream/signalling";
import { type WhepPhase, watchWhep } from "../src/stream/watch-whep";
import type { WhepSession } from "../src/stream/whep-session";
import { SimulatedTime } from "./simulated-time";

vi.stubGlobal("document", { hidden: false, visibilityState: "visible" });

/** A server that a test plays. */
class Stage extends SimulatedTime {
  live = false;
  audio = 50; // packets a second, to those who are connected
  video = 60;
  frames = 30; // a second, decoded
  complete = 30; // a second, decoded or not
  codecs = ["video/H264", "video/VP8"]; // what the broadcast could come in
  decodes = ["video/H264", "video/VP8"];
  path = true;
  known: boolean | null = true; // whether /lifecycle answers
  trusts = true;
  excused = false;
  refuses: [why: Refusal, status: number, retryAfter?: number] | null = null;
  asked = 0;
  posts: number[] = [];
  avoided: (string | null)[] = [];
  open = 0;

  connect = async (_url: string, _signal: AbortSignal, avoid: string | null = null): Promise<WhepSession> => {
    this.posts.push(this.time);
    this.avoided.push(avoid);
    if (this.refuses !== null) throw new SignallingError(...this.refuses);
    if (!this.live) throw new SignallingError("not-live", 409);
    this.open += 1;
    let before = this.time;
    const codec = this.codecs.find((one) => one !== avoid) ?? null;
    const sum = { audio: 0, video: 0, frames: 0, complete: 0 };
    return {
      stream: {} as MediaStream,
      connected: () => this.path,
      failed: () => false,
      received: async (): Promise<Received> => {
        const seconds = this.path && this.live ? (this.time - before) / 1000 : 0;
        before = this.time;
        sum.audio += this.audio * seconds;
        sum.video += this.video * seconds;
        sum.complete += this.complete * seconds;
        if (this.decodes.includes(codec ?? "")) sum.frames += this.frames * seconds;
        return { ...sum, codec };
      },
      close: () => {
        this.open -= 1;
      },
    };
  };

  lifecycle = async (): Promise<Lifecycle> => {
    this.asked += 1;
    return { live: this.known ? this.live : null, retryAfter: 0 };
  };

  async run(seconds: number): Promise<string[]> {
    this.at(seconds, () => this.stopping.abort());
    const tell = (phase: WhepPhase) => {
      let name: string = phase.kind;
      if (phase.kind === "trouble") name = phase.why;
      if (phase.kind === "playing" && phase.voice) name = "voice";
      this.note(name);
    };
    await watchWhep(fixedAddress("https://x/play"), "https://x/lifecycle", tell, this.stopping.signal, {
      connect: this.connect,
      lifecycle: this.lifecycle,
      trusted: () => this.trusts,
      clock: this,
      excused: () => this.excused,
    });
    return this.phases;
  }
}

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

test("nobody broadcasts: waits, asks ever more rarely, leaves nothing open", async () => {
  expect(await stage.run(600)).toEqual(["connecting", "waiting"]);
  expect(stage.asked).toBeLessThan(230);
  expect(stage.open).toBe(0);
});

test("already live: plays without waiting", async () => {
  stage.live = true;
  expect(await stage.run(5)).toEqual(["connecting", "playing"]);
  expect(stage.posts).toHaveLength(1);
});

test("the host comes later: plays within 3 s", async () => {
  let liveAt = 0;
  stage.at(40, () => {
    stage.live = true;
    liveAt = stage.time;
  });
  await stage.run(60);
  expect(stage.phases).toEqual(["connecting", "waiting", "playing"]);
  expect(stage.when("playing") - liveAt / 1000).toBeLessThan(3);
  expect(lifecyclePause(40_000, () => 1)).toBeLessThan(2_500);
});

test("media stops and comes back: reconnects by itself", async () => {
  stage.live = true;
  const stop = () => {
    stage.audio = stage.video = stage.frames = stage.complete = 0;
  };
  const flow = () => {
    stage.audio = stage.video = stage.frames = stage.complete = 60;
  };
  stage.at(10, stop).at(16, flow);
  expect(await stage.run(40)).toEqual(["connecting", "playing", "reconnecting", "playing"]);
  expect(stage.open).toBe(0);
});

test("the host leaves: reconnecting first, then waiting", async () => {
  stage.live = true;
  stage.at(10, () => {
    stage.live = false;
  });
  expect(await stage.run(60)).toEqual(["connecting", "playing", "reconnecting", "waiting"]);
});

test("no path for media: says blocked, goes on trying, and plays once there is one", async () => {
  stage.live = true;
  stage.path = false;
  stage.at(60, () => (stage.path = true));
  const phases = await stage.run(90);
  expect(phases).toContain("blocked");
  expect(phases.at(-1)).toBe("playing");
});

describe("scenario 36: /lifecycle", () => {
  test("does not answer: the WHEP address itself is asked", async () => {
    stage.known = false;
    stage.at(5, () => (stage.live = true));
    expect((await stage.run(40)).at(-1)).toBe("playing");
  });

  test("has never called a WHIP input live: its no is not believed before the WHEP address was asked", async () => {
    stage.lifecycle = async () => ({ live: false, retryAfter: 0 });
    stage.trusts = false;
    stage.live = true;
    expect(await stage.run(5)).toEqual(["connecting", "playing"]);
    expect(stage.when("playing")).toBeLessThan(1);
  });

  test("does not know WHIP at all: the host is found whenever they come, and their leaving is seen", async () => {
    stage.lifecycle = async () => ({ live: false, retryAfter: 0 });
    stage.trusts = false;
    const seen: number[] = [];
    const come = () => {
      stage.live = true;
      seen.push(stage.time / 1000);
    };
    stage.at(40, come).at(90, () => (stage.live = false));
    stage.at(400, come);
    expect(await stage.run(460)).toEqual(["connecting", "waiting", "playing", "reconnecting", "waiting", "playing"]);
    expect(stage.times[2]).toBeLessThan((seen[0] ?? 0) + 20);
    expect(stage.times[5]).toBeLessThan((seen[1] ?? 0) + 30);
  });

  test("lies though it knew once: found all the same", async () => {
    stage.lifecycle = async () => ({ live: false, retryAfter: 0 });
    stage.live = true;
    expect((await stage.run(90)).at(-1)).toBe("playing");
  });

  test("calls live what is not: waits, and does not hammer", async () => {
    stage.lifecycle = async () => ({ live: true, retryAfter: 0 });
    expect(await stage.run(600)).toEqual(["connecting", "waiting"]);
    expect(stage.posts.length).toBeLessThan(100);
  });

  test("asks to wait: is left alone so long", async () => {
    stage.lifecycle = async () => {
      stage.asked += 1;
      return { live: null, retryAfter: 60_000 };
    };
    await stage.run(600);
    expect(stage.asked).toBeLessThan(13);
  });
});

describe("packets without a picture", () => {
  beforeEach(() => {
    stage.live = true;
  });

  test("voice alone is no fault: it plays for as long as it comes, in one session", async () => {
    stage.video = stage.frames = stage.complete = 0;
    expect(await stage.run(300)).toEqual(["connecting", "voice"]);
    expect(stage.when("voice")).toBeLessThan(3);
    expect(stage.posts).toHaveLength(1);
  });

  test("the camera is switched off: the voice goes on, and the picture comes back in the same session", async () => {
    stage
      .at(10, () => (stage.video = stage.frames = stage.complete = 0))
      .at(60, () => (stage.video = stage.frames = stage.complete = 60));
    expect(await stage.run(80)).toEqual(["connecting", "playing", "voice", "playing"]);
    expect(stage.posts).toHaveLength(1);
  });

  test.each([0, 30])(
    "never decodes (%i complete frames a second): told within 6 s, then another codec plays",
    async (complete) => {
      stage.decodes = ["video/VP8"];
      stage.complete = complete;
      expect(await stage.run(60)).toEqual(["connecting", "dark", "playing"]);
      expect(stage.when("dark")).toBeLessThan(6);
      expect(stage.avoided).toEqual([null, null, "video/H264"]);
    },
  );

  test("nothing decodes at all: tried ever more rarely, the sound never stops for long, and it recovers", async () => {
    stage.decodes = [];
    stage.at(600, () => (stage.decodes = ["video/H264"]));
    const phases = await stage.run(720);
    expect(phases).toEqual(["connecting", "dark", "playing"]);
    expect(stage.posts.length).toBeLessThan(20);
    const gaps = stage.posts.slice(1).map((at, n) => at - (stage.posts[n] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(5_000);
    expect(stage.open).toBe(0);
  });

  test("the first keyframe comes late: the session is kept until then", async () => {
    stage.frames = stage.complete = 0;
    stage.at(10, () => (stage.frames = stage.complete = 30));
    expect(await stage.run(30)).toEqual(["connecting", "dark", "playing"]);
    expect(stage.posts).toHaveLength(1);
  });

  test("decoding stops later: told within 6 s, another session is tried, and it recovers", async () => {
    stage.at(20, () => (stage.frames = 0)).at(32, () => (stage.frames = 30));
    expect(await stage.run(60)).toEqual(["connecting", "playing", "dark", "playing"]);
    expect(stage.when("dark")).toBeLessThan(26);
    expect(stage.posts.length).toBeGreaterThan(1);
  });

  test("nobody can see it: no fault, before and after", async () => {
    stage.excused = true;
    stage.frames = 0;
    stage.at(60, () => (stage.frames = 30)).at(61, () => (stage.excused = false));
    expect(await stage.run(90)).toEqual(["connecting", "playing"]);
    expect(stage.posts).toHaveLength(1);
  });
});

describe("a server that refuses", () => {
  test.each([
    ["refused", 401],
    ["gone", 404],
    ["format", 406],
    ["crowded", 429],
    ["busy", 500],
    ["unreachable", 0],
  ] as const)("%s for ever: said, asked slowly, and it plays once it may", async (why, status) => {
    stage.live = true;
    stage.refuses = [why, status];
    stage.at(600, () => (stage.refuses = null));
    expect(await stage.run(720)).toEqual(["connecting", why, "playing"]);
    expect(stage.when(why)).toBeLessThan(1);
    expect(stage.posts.length).toBeLessThan(40);
  });

  test("Retry-After is honoured", async () => {
    stage.live = true;
    stage.refuses = ["crowded", 429, 120_000];
    await stage.run(600);
    expect(stage.posts.length).toBeLessThan(6);
  });

  test("a moment of 503 while playing: reconnecting, not trouble", async () => {
    stage.live = true;
    stage
      .at(20, () => {
        stage.refuses = ["busy", 503];
        stage.audio = stage.video = 0;
      })
      .at(30, () => {
        stage.refuses = null;
        stage.audio = stage.video = 50;
      });
    expect(await stage.run(60)).toEqual(["connecting", "playing", "reconnecting", "playing"]);
  });
});
