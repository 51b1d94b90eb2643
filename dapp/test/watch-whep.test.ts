import { beforeEach, expect, test, vi } from "vitest";
import type { Clock, Lifecycle } from "../src/stream/lifecycle";
import { lifecyclePause } from "../src/stream/lifecycle";
import { SignallingError } from "../src/stream/signalling";
import { type WhepPhase, watchWhep } from "../src/stream/watch-whep";
import type { Progress, WhepSession } from "../src/stream/whep-session";

vi.stubGlobal("document", { hidden: false, visibilityState: "visible" });

/** Time that passes only when somebody sleeps, and a server that a test plays. */
class Stage implements Clock {
  time = 0;
  live = false;
  packets = 0; // a second, to those who are connected
  path = true;
  known = true; // whether /lifecycle answers
  asked = 0;
  posts = 0;
  open = 0;
  phases: string[] = [];
  stopping = new AbortController();
  private script: [at: number, act: () => void][] = [];

  now = () => this.time;
  random = () => 0.5;
  tabVisible = async () => {};
  sleep = async (ms: number, signal: AbortSignal) => {
    if (signal.aborted) throw new Error("stopped");
    this.time += ms;
    for (const [at, act] of this.script.splice(0)) {
      if (at <= this.time) act();
      else this.script.push([at, act]);
    }
  };

  at(seconds: number, act: () => void): this {
    this.script.push([seconds * 1000, act]);
    return this;
  }

  connect = async (): Promise<WhepSession> => {
    this.posts += 1;
    if (!this.live) throw new SignallingError("not-live", 409);
    this.open += 1;
    const began = this.time;
    let before = began;
    const sum: Progress = { packets: 0, frames: 0 };
    return {
      stream: {} as MediaStream,
      connected: () => this.path,
      failed: () => false,
      progress: async () => {
        const more = this.path ? (this.packets * (this.time - before)) / 1000 : 0;
        before = this.time;
        sum.packets += more;
        sum.frames += more;
        return { ...sum };
      },
      close: () => {
        this.open -= 1;
      },
    };
  };

  lifecycle = async (): Promise<Lifecycle | null> => {
    this.asked += 1;
    return this.known ? { live: this.live, videoUID: null } : null;
  };

  async run(seconds: number): Promise<string[]> {
    this.at(seconds, () => this.stopping.abort());
    const tell = (phase: WhepPhase) => {
      if (this.phases.at(-1) !== phase.kind) this.phases.push(phase.kind);
    };
    await watchWhep("https://x/play", "https://x/lifecycle", tell, this.stopping.signal, {
      connect: this.connect,
      lifecycle: this.lifecycle,
      clock: this,
    });
    return this.phases;
  }
}

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
  stage.packets = 60;
});

test("nobody broadcasts: waits, asks ever more rarely, leaves nothing open", async () => {
  expect(await stage.run(600)).toEqual(["connecting", "waiting"]);
  expect(stage.asked).toBeLessThan(230);
  expect(stage.open).toBe(0);
});

test("already live: plays without waiting", async () => {
  stage.live = true;
  expect(await stage.run(5)).toEqual(["connecting", "playing"]);
  expect(stage.posts).toBe(1);
});

test("the host comes later: plays within 3 s", async () => {
  let liveAt = 0;
  stage.at(40, () => {
    stage.live = true;
    liveAt = stage.time;
  });
  const seen = stage.run(60);
  await seen;
  expect(stage.phases).toEqual(["connecting", "waiting", "playing"]);
  expect(liveAt).toBeLessThan(41_000);
  expect(lifecyclePause(40_000, () => 1)).toBeLessThan(2_500);
});

test("media stops and comes back: reconnects by itself", async () => {
  stage.live = true;
  stage.at(10, () => (stage.packets = 0)).at(16, () => (stage.packets = 60));
  expect(await stage.run(40)).toEqual(["connecting", "playing", "reconnecting", "playing"]);
  expect(stage.open).toBe(0);
});

test("the host leaves: reconnecting first, then waiting", async () => {
  stage.live = true;
  stage.at(10, () => {
    stage.live = false;
    stage.packets = 0;
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

test("lifecycle does not answer: the WHEP address itself is asked", async () => {
  stage.known = false;
  stage.at(5, () => (stage.live = true));
  expect((await stage.run(40)).at(-1)).toBe("playing");
});

test("lifecycle says no though somebody broadcasts: found all the same", async () => {
  stage.lifecycle = async () => ({ live: false, videoUID: null });
  stage.live = true;
  expect((await stage.run(40)).at(-1)).toBe("playing");
});
