import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Outgoing } from "../src/stream/outgoing";
import { type Refusal, SignallingError } from "../src/stream/signalling";
import { type Publisher, type PublisherState, publish } from "../src/stream/whip-publisher";
import type { Tracks, WhipSession } from "../src/stream/whip-session";
import { SimulatedTime } from "./simulated-time";
import { track } from "./whip-server";

vi.stubGlobal("addEventListener", () => {});
vi.stubGlobal("removeEventListener", () => {});
vi.stubGlobal("RTCPeerConnection", class {});

/** A server, a network and a browser that a test plays. */
class Air extends SimulatedTime {
  refuses: [why: Refusal, status: number, retryAfter?: number] | null = null;
  path = true;
  lost = false; // of the session that is open now
  keepsIdle = 1e9; // milliseconds that the server keeps a session in which nothing comes
  reports = true; // the server says that it receives
  camera = 30; // frames a second that come from the source
  counted = true; // the browser counts them
  encodes = ["video/VP8", "video/H264"];
  held = false;
  black: boolean | null = false;
  excused = false;
  codecs = ["video/VP8", "video/H264"];
  carried: Tracks = { video: null, audio: null };
  fits: (tracks: Tracks) => boolean = () => true;
  posts: number[] = [];
  used: string[] = [];
  open = 0;
  looks = 0;
  publisher!: Publisher;
  tracks: Tracks = { video: track("video"), audio: track("audio") };
  state: PublisherState | null = null;

  connect = async (_url: string, tracks: Tracks, avoid: string | null): Promise<WhipSession> => {
    this.posts.push(this.time);
    const carried = { ...tracks };
    await null; // the publisher is there before anything happens
    await this.sleep(200, this.stopping.signal);
    if (this.refuses !== null) throw new SignallingError(...this.refuses);
    const codec = this.codecs.find((one) => one !== avoid) ?? "";
    this.used.push(codec);
    this.carried = carried;
    this.open += 1;
    this.lost = false;
    let before = this.time;
    let sentAt = this.time;
    const sum = { heard: 0, packets: 0, bytes: 0, captured: 0, frames: 0 };
    const runs = (one: MediaStreamTrack | null) => one !== null && one.readyState === "live" && !one.muted;
    return {
      hasPath: () => this.path,
      connected: () => this.path && !this.lost,
      failed: () => this.lost || this.time - sentAt > this.keepsIdle,
      carry: async (wanted) => {
        if (!this.fits(wanted)) return false;
        this.carried = { ...wanted };
        return true;
      },
      outgoing: async (): Promise<Outgoing> => {
        const seconds = this.path && !this.lost ? (this.time - before) / 1000 : 0;
        before = this.time;
        const { video, audio } = this.carried;
        const frames = runs(video) ? this.camera * seconds : 0;
        sum.captured += frames;
        if (this.encodes.includes(codec) && !this.held) sum.frames += frames;
        const packets = (runs(audio) ? 50 * seconds : 0) + (this.held ? 0 : frames);
        sum.packets += packets;
        if (packets > 0) sentAt = this.time;
        if (packets > 0 && this.reports) sum.heard += 1;
        const captured = this.counted ? sum.captured : null;
        return { ...sum, captured, fps: 30, height: 720, codec, held: this.held, at: this.time };
      },
      close: () => {
        this.open -= 1;
      },
    };
  };

  async run(seconds: number): Promise<string[]> {
    const over = new Promise<void>((resolve) => {
      this.at(seconds, () => {
        this.publisher.stop();
        resolve();
      });
    });
    const tell = (state: PublisherState) => {
      this.state = state;
      let name: string = state.kind;
      if (state.kind === "live" && state.sight !== "fine") name = state.sight;
      if ((state.kind === "connecting" || state.kind === "reconnecting") && state.why !== null) name = state.why;
      this.note(name);
      if (state.kind === "refused") this.at(0, () => {});
    };
    this.publisher = publish("https://x/whip", this.tracks, tell, {
      connect: this.connect,
      clock: this,
      isBlack: async () => {
        this.looks += 1;
        return this.black;
      },
      excused: () => this.excused,
    });
    await Promise.race([over, this.ended()]);
    return this.phases;
  }

  /** Refused for good: nothing passes time any more. */
  private async ended(): Promise<void> {
    while (this.state?.kind !== "refused") await new Promise((resolve) => setTimeout(resolve));
  }

  /** Sessions begun in a stretch of time. */
  between(from: number, to: number): number {
    return this.posts.filter((at) => at >= from * 1000 && at < to * 1000).length;
  }

  gone(kind: keyof Tracks): void {
    Object.assign(this.tracks[kind] ?? {}, { readyState: "ended" });
  }
}

let air: Air;
beforeEach(() => {
  air = new Air();
});

describe("scenario 31: the source is changed", () => {
  const screen = track("video", { contentHint: "detail" });

  test.each([
    ["while it connects", 0.1, 5],
    ["on air", 3, 5],
    ["while it reconnects", 10.1, 25],
    ["while the server is asked again", 12, 25],
  ])("%s: it is what viewers get", async (_, seconds, until) => {
    air
      .at(seconds, () => void air.publisher.replace("video", screen))
      .at(10, () => {
        air.lost = true;
        air.refuses = ["busy", 503];
      })
      .at(14, () => {
        air.refuses = null;
      });
    await air.run(until);
    expect(air.state).toMatchObject({ kind: "live", sight: "fine" });
    expect(air.carried.video).toBe(screen);
  });

  test("a change that was lost on the way: a look finds it", async () => {
    let deaf = true;
    air.fits = (wanted) => {
      if (deaf && wanted.video === screen) {
        deaf = false;
        throw new Error("nothing came of it");
      }
      return true;
    };
    air.at(3, () => void air.publisher.replace("video", screen).catch(() => {}));
    await air.run(10);
    expect(air.carried.video).toBe(screen);
    expect(air.posts).toHaveLength(1);
  });

  test("a sender that cannot take it: one new session, not one after the other", async () => {
    air.fits = ({ video }) => video !== screen;
    air.at(5, () => void air.publisher.replace("video", screen));
    await air.run(60);
    expect(air.posts).toHaveLength(2);
  });
});

describe("nothing to send", () => {
  test("both tracks ended on air: no reconnect, and it is told", async () => {
    air.at(10, () => {
      air.gone("video");
      air.gone("audio");
    });
    expect(await air.run(120)).toEqual(["connecting", "live", "nothing"]);
    expect(air.when("nothing")).toBeLessThan(16);
    expect(air.posts).toHaveLength(1);
  });

  test("no track from the beginning, or muted by the system: the same", async () => {
    air.tracks = { video: track("video", { muted: true }), audio: null };
    await air.run(120);
    expect(air.posts).toHaveLength(1);
  });

  test("a server that ends such sessions: asked rarely; something to send again: at once", async () => {
    air.keepsIdle = 3_000;
    air.at(10, () => {
      air.gone("video");
      air.gone("audio");
    });
    air.at(200, () => void air.publisher.replace("audio", track("audio")));
    await air.run(220);
    expect(air.between(20, 200)).toBeLessThan(10);
    expect(air.between(200, 201.5)).toBe(1);
    expect(air.state?.kind).toBe("live");
  });

  test("while something is sent, a server that does not say that it receives: another session", async () => {
    air.reports = false;
    await air.run(60);
    expect(air.posts[1]).toBeLessThan(7_000);
    // ever more rarely
    expect(air.between(20, 60)).toBeLessThan(6);
  });
});

describe("no path for media", () => {
  test("UDP blocked: told within 15 s, and tried on; over by itself", async () => {
    air.path = false;
    air.at(60, () => {
      air.path = true;
    });
    expect(await air.run(120)).toEqual(["connecting", "blocked", "live"]);
    expect(air.when("blocked")).toBeLessThan(15);
    expect(air.when("live")).toBeLessThan(95);
    expect(air.posts.length).toBeGreaterThan(3);
    expect(air.open).toBe(0);
  });

  test("once, by chance: no word", async () => {
    air.path = false;
    air.at(7, () => {
      air.path = true;
    });
    expect(await air.run(30)).toEqual(["connecting", "live"]);
  });

  test("blocked while waiting, and another source: tried at once", async () => {
    air.path = false;
    air.at(13, () => void air.publisher.replace("video", track("video")));
    await air.run(14);
    expect(air.when("blocked")).toBeLessThan(13);
    expect(air.between(12.7, 13)).toBe(0);
    expect(air.between(13, 13.7)).toBe(1);
  });
});

describe("a server that refuses", () => {
  test.each<[Refusal, number, string]>([
    ["foreign", 200, "foreign"],
    ["format", 406, "format"],
    ["crowded", 429, "crowded"],
    ["busy", 503, "busy"],
    ["unreachable", 0, "unreachable"],
    ["not-live", 409, "busy"],
  ])("%s (%d): told, tried on, over by itself", async (why, status, word) => {
    air.refuses = [why, status];
    air.at(40, () => {
      air.refuses = null;
    });
    expect(await air.run(120)).toEqual(["connecting", word, "live"]);
    expect(air.when(word)).toBeLessThan(3);
    expect(air.posts.length).toBeGreaterThan(1);
  });

  test("busy for a moment: no word", async () => {
    air.refuses = ["busy", 503];
    air.at(0.3, () => {
      air.refuses = null;
    });
    expect(await air.run(10)).toEqual(["connecting", "live"]);
  });

  test("credentials refused twice: it ends", async () => {
    air.refuses = ["refused", 401];
    expect(await air.run(60)).toEqual(["connecting", "refused"]);
    expect(air.posts).toHaveLength(2);
    expect(air.state).toEqual({ kind: "refused" });
  });

  test("a server that asks to wait is not asked before, whatever is changed meanwhile", async () => {
    air.refuses = ["busy", 503, 20_000];
    for (let seconds = 1; seconds < 20; seconds++)
      air.at(seconds, () => void air.publisher.replace("audio", track("audio")));
    await air.run(19);
    expect(air.posts).toHaveLength(1);
  });
});

describe("what viewers get", () => {
  test("an encoder that makes no frames: another codec first, twice at most, then told", async () => {
    air.at(10, () => {
      air.encodes = [];
    });
    await air.run(300);
    expect(air.used).toEqual(["video/VP8", "video/H264", "video/VP8"]);
    expect(air.phases.at(-1)).toBe("stuck");
    expect(air.when("stuck")).toBeLessThan(40);
  });

  test("one codec that makes none: the other does, and nothing need be said", async () => {
    air.encodes = ["video/H264"];
    await air.run(60);
    expect(air.used).toEqual(["video/VP8", "video/H264"]);
    expect(air.phases).toEqual(["connecting", "live", "reconnecting", "live"]);
  });

  test("stuck: the host's button tries once more", async () => {
    air.encodes = [];
    air.at(60, () => {
      air.encodes = ["video/H264"];
      air.publisher.renew();
    });
    await air.run(80);
    expect(air.used.slice(3)).toEqual(["video/H264"]);
    expect(air.phases.at(-1)).toBe("live");
  });

  test("a source that a browser does not count: an encoder that stands is found all the same", async () => {
    air.counted = false;
    air.encodes = ["video/H264"];
    await air.run(30);
    expect(air.used).toEqual(["video/VP8", "video/H264"]);
  });

  test("no bandwidth: told as such, with the same codec; over by itself", async () => {
    air
      .at(10, () => {
        air.held = true;
      })
      .at(30, () => {
        air.held = false;
      });
    expect(await air.run(40)).toEqual(["connecting", "live", "slow", "live"]);
    expect(air.posts).toHaveLength(1);
  });

  test("a frozen camera: told within 7 s; over by itself", async () => {
    air
      .at(10, () => {
        air.camera = 0;
      })
      .at(30, () => {
        air.camera = 30;
      });
    expect(await air.run(40)).toEqual(["connecting", "live", "frozen", "live"]);
    expect(air.when("frozen")).toBeLessThan(17);
    expect(air.posts).toHaveLength(1);
  });

  test.each<[string, Partial<MediaStreamTrack>, boolean]>([
    ["a screen on which nothing moves", { contentHint: "detail" }, false],
    ["video that the host hides", { enabled: false }, false],
    ["a camera that the system has muted", { muted: true }, false],
    ["a page that cannot be seen", {}, true],
  ])("%s: nothing is wrong", async (_, more, excused) => {
    air.tracks.video = track("video", more);
    air.camera = 0;
    air.black = (more.contentHint ?? "") === "";
    air.excused = excused;
    expect(await air.run(60)).toEqual(["connecting", "live"]);
    expect(air.posts).toHaveLength(1);
  });

  test("a black picture: told after three looks, a few seconds apart; over by itself", async () => {
    air.black = true;
    air.at(30, () => {
      air.black = false;
    });
    expect(await air.run(60)).toEqual(["connecting", "live", "black", "live"]);
    expect(air.when("black")).toBeGreaterThan(8);
    expect(air.when("black")).toBeLessThan(16);
    expect(air.looks).toBeLessThan(16);
  });

  test("a picture that cannot be looked at is not called black", async () => {
    air.black = null;
    expect(await air.run(60)).toEqual(["connecting", "live"]);
  });
});

test("stopped at any moment: nothing stays open", async () => {
  for (const seconds of [0.1, 0.25, 3, 10.1, 11]) {
    air = new Air();
    air.at(10, () => {
      air.lost = true;
    });
    await air.run(seconds);
    await new Promise((resolve) => setTimeout(resolve));
    expect(air.open, `${seconds} s`).toBe(0);
  }
});
