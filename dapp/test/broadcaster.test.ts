import { beforeEach, describe, expect, test, vi } from "vitest";
import type { PublisherState } from "../src/stream/whip-publisher";
import type { Tracks } from "../src/stream/whip-session";
import { FakeMedia, FakeTrack, stubBrowser } from "./fake-media";

/** A publisher that does as it is told. */
const sent: { tracks: Record<string, FakeTrack | null>; stopped: boolean; tell: (state: PublisherState) => void }[] =
  [];
vi.mock("../src/stream/whip-publisher", () => ({
  publish: (_whip: string, first: Tracks, tell: (state: PublisherState) => void) => {
    const one = { tracks: { ...first } as never as Record<string, FakeTrack | null>, stopped: false, tell };
    sent.push(one);
    return {
      replace: async (kind: string, track: FakeTrack | null) => {
        one.tracks[kind] = track;
      },
      sent: async () => null,
      stop: () => {
        one.stopped = true;
      },
    };
  },
}));

/** Web Audio that a test starts and stops, and speaks into. */
class FakeContext extends EventTarget {
  static running = true;
  static loudness = 0;
  static made: FakeContext[] = [];
  closed = false;
  constructor() {
    super();
    FakeContext.made.push(this);
  }
  get state() {
    return FakeContext.running ? "running" : "suspended";
  }
  get currentTime() {
    return FakeContext.running ? Date.now() : 0;
  }
  resume = async () => {};
  close = async () => {
    this.closed = true;
  };
  heard: FakeTrack[] = [];
  createMediaStreamSource = ({ tracks }: { tracks: FakeTrack[] }) => {
    const [track] = tracks as [FakeTrack];
    return {
      connect: (to: { mixed?: FakeTrack[]; ear?: FakeTrack[] }) => (to.mixed ?? to.ear)?.push(track),
      disconnect: () => {
        for (const out of this.outs) out.splice(0, out.length, ...out.filter((one) => one !== track));
      },
    };
  };
  outs: FakeTrack[][] = [];
  createAnalyser = () => ({
    fftSize: 0,
    ear: this.heard,
    getFloatTimeDomainData: (samples: Float32Array) => {
      const loud = this.heard.some(({ enabled, readyState }) => enabled && readyState === "live");
      samples.fill(loud ? FakeContext.loudness : 0);
    },
  });
  createMediaStreamDestination = () => {
    const mixed: FakeTrack[] = [];
    const out = new FakeTrack("audio", "mixed");
    this.outs.push(mixed);
    return { mixed, stream: { getAudioTracks: () => [out] } };
  };
}

let media: FakeMedia;
let session: Map<string, string>;
let broadcaster: import("../src/stream/broadcaster").Broadcaster;
let onAir: typeof import("../src/stream/on-air");

const seconds = (count: number) => vi.advanceTimersByTimeAsync(1_000 * count);
const out = () => sent.at(-1)?.tracks ?? {};
const device = (kind: string) => out()[kind]?.device ?? null;

async function arrive(): Promise<void> {
  vi.resetModules();
  const { Broadcaster } = await import("../src/stream/broadcaster");
  onAir = await import("../src/stream/on-air");
  broadcaster = new Broadcaster("live_1", "https://x/whip");
}

async function onAirWith(source: "camera" | "screen"): Promise<void> {
  await broadcaster.open(source);
  await seconds(0);
  await broadcaster.goLive();
  await seconds(1);
}

beforeEach(async () => {
  vi.useFakeTimers();
  sent.length = 0;
  Object.assign(FakeContext, { running: true, loudness: 0, made: [] });
  media = new FakeMedia();
  ({ session } = stubBrowser(media));
  vi.stubGlobal("AudioContext", FakeContext);
  vi.stubGlobal(
    "MediaStream",
    class {
      constructor(readonly tracks: FakeTrack[]) {}
    },
  );
  vi.stubGlobal(
    "BroadcastChannel",
    class {
      close() {}
    },
  );
  media.plug("video", "front");
  media.plug("audio", "built-in");
  await arrive();
});

describe("on air with what there is", () => {
  test("a microphone alone goes out, then the camera that is plugged in", async () => {
    media.unplug("front");
    await onAirWith("camera");
    expect([device("video"), device("audio")]).toEqual([null, "built-in"]);
    expect(broadcaster.picture.get().video.lack).toBe("none");
    media.plug("video", "front");
    await seconds(2);
    expect([device("video"), device("audio")]).toEqual(["front", "built-in"]);
    expect(broadcaster.picture.get().video.lack).toBeNull();
    expect(sent.length).toBe(1);
  });

  test("a camera that is lost is taken off, the sound goes on, and it comes back", async () => {
    await onAirWith("camera");
    media.unplug("front", true);
    await seconds(2);
    expect([device("video"), device("audio")]).toEqual([null, "built-in"]);
    media.plug("video", "front", true);
    await seconds(2);
    expect(device("video")).toBe("front");
  });

  test("with nothing at all nobody goes on air, until one is there", async () => {
    media.unplug("front");
    media.unplug("built-in");
    await broadcaster.open("camera");
    await broadcaster.goLive();
    expect(sent).toEqual([]);
    expect(broadcaster.picture.get()).toMatchObject({ source: null, opening: false });
    media.plug("audio", "headset", true);
    await seconds(2);
    expect(broadcaster.picture.get()).toMatchObject({ source: "camera", audio: { lack: null } });
  });

  test("hidden and muted hold for a device that comes later", async () => {
    await onAirWith("camera");
    broadcaster.mute(true);
    broadcaster.darken(true);
    media.plug("video", "back");
    await broadcaster.camera.choose("back");
    expect([out().video?.device, out().video?.enabled, out().audio?.enabled]).toEqual(["back", false, false]);
  });

  test("left before the tab has its turn: not on air, all closed", async () => {
    const leave = broadcaster.show();
    await broadcaster.open("camera");
    const going = broadcaster.goLive();
    leave();
    await going;
    expect(sent).toEqual([]);
    expect(media.live()).toEqual([]);
    expect(onAir.onAirRoom.get()).toBeNull();
  });

  test("refused while nobody looks: all devices are closed", async () => {
    const leave = broadcaster.show();
    await onAirWith("camera");
    leave();
    expect(media.live().length).toBe(2);
    sent[0]?.tell({ kind: "refused" });
    expect(media.live()).toEqual([]);
    expect(onAir.onAirRoom.get()).toBeNull();
  });
});

test("new credentials: it goes on with the same devices, also where the old ones were refused", async () => {
  await onAirWith("camera");
  const opened = media.opened.length;
  broadcaster.move("https://x/other");
  await seconds(1);
  expect(sent.map(({ stopped }) => stopped)).toEqual([true, false]);
  broadcaster.show();
  sent[1]?.tell({ kind: "refused" });
  broadcaster.move("https://x/third");
  await seconds(1);
  expect(sent.map(({ stopped }) => stopped)).toEqual([true, true, false]);
  expect([media.opened.length, device("video")]).toEqual([opened, "front"]);
});

describe("a reload", () => {
  test("goes on with the camera, muted and hidden as before", async () => {
    await onAirWith("camera");
    broadcaster.mute(true);
    broadcaster.darken(true);
    await arrive();
    expect(broadcaster.before()?.source).toBe("camera");
    await broadcaster.resume("camera");
    await seconds(1);
    expect(sent.length).toBe(2);
    expect([device("video"), out().video?.enabled, out().audio?.enabled]).toEqual(["front", false, false]);
  });

  test("waits for a camera and microphone that are still busy", async () => {
    await onAirWith("camera");
    await arrive();
    media.busy = ["video", "audio"];
    await broadcaster.resume("camera");
    expect(sent.length).toBe(1);
    media.busy = [];
    await seconds(10);
    expect(sent.length).toBe(2);
  });

  test("after the person stopped there is nothing to go on with", async () => {
    await onAirWith("camera");
    broadcaster.stop();
    await arrive();
    expect(broadcaster.before()).toBeNull();
    expect([...session]).toEqual([]);
  });
});

describe("a tab with its sound", () => {
  let screen: FakeTrack;
  let sound: FakeTrack;
  beforeEach(() => {
    [screen, sound] = [new FakeTrack("video", "tab"), new FakeTrack("audio", "tab-sound")];
    media.screens = [[screen, sound]];
  });
  const mixed = () => FakeContext.made[0]?.outs.at(-1)?.map((track) => track.device);

  test("is mixed with the voice into one track; muting mutes the voice alone", async () => {
    await onAirWith("camera");
    await broadcaster.open("screen");
    await seconds(1);
    expect([device("video"), device("audio")]).toEqual(["tab", "mixed"]);
    expect(mixed()).toEqual(["built-in", "tab-sound"]);
    expect(broadcaster.picture.get().shared).toBe("mixed");
    broadcaster.mute(true);
    expect(media.live("audio").map(({ device, enabled }) => [device, enabled])).toEqual([
      ["built-in", false],
      ["tab-sound", true],
    ]);
    expect(media.live("video").map((one) => one.device)).toEqual(["tab"]); // no camera runs unseen
  });

  test.each([
    ["told", false],
    ["told by nobody", true],
  ])("ended by the browser's bar, %s: the voice alone, and the camera that was there", async (_, silently) => {
    await onAirWith("camera");
    await broadcaster.open("screen");
    await seconds(1);
    screen.end(silently);
    sound.end(silently);
    await seconds(2);
    expect([device("video"), device("audio")]).toEqual(["front", "built-in"]);
    expect(broadcaster.picture.get()).toMatchObject({ source: "camera", shared: "no" });
  });

  test("who has not shown their face does not when sharing ends", async () => {
    await onAirWith("screen");
    expect(device("audio")).toBe("mixed");
    screen.end();
    await seconds(2);
    expect([device("video"), device("audio")]).toEqual([null, "built-in"]);
    expect(broadcaster.picture.get().video.lack).toBe("off");
    broadcaster.retry("video");
    await seconds(0);
    expect(device("video")).toBe("front");
  });

  test("a mixer that does not run, or stops, never silences the voice", async () => {
    FakeContext.running = false;
    await onAirWith("camera");
    await broadcaster.open("screen");
    await seconds(5);
    expect([device("audio"), broadcaster.picture.get().shared]).toEqual(["built-in", "unmixed"]);
    FakeContext.running = true;
    await seconds(1);
    expect(device("audio")).toBe("mixed");
    FakeContext.running = false;
    await seconds(2);
    expect([device("audio"), broadcaster.picture.get().shared]).toEqual(["built-in", "unmixed"]);
  });

  test("a browser without Web Audio sends the voice", async () => {
    vi.stubGlobal("AudioContext", undefined);
    await onAirWith("screen");
    expect([device("audio"), broadcaster.picture.get().shared]).toEqual(["built-in", "unmixed"]);
  });

  test("without a microphone its sound goes out alone, with the one that comes mixed", async () => {
    media.unplug("built-in");
    await onAirWith("screen");
    expect([device("audio"), broadcaster.picture.get().shared]).toEqual(["tab-sound", "alone"]);
    media.plug("audio", "built-in");
    await seconds(2);
    expect(device("audio")).toBe("mixed");
    expect(mixed()).toEqual(["tab-sound", "built-in"].reverse());
  });

  test("a camera that fails leaves the screen on air, and is not opened unseen later", async () => {
    await onAirWith("screen");
    media.busy = ["video"];
    await broadcaster.open("camera");
    expect([device("video"), broadcaster.picture.get().trouble]).toEqual(["tab", "busy"]);
    media.busy = [];
    await seconds(30);
    expect(media.live("video").map((one) => one.device)).toEqual(["tab"]);
  });

  test("left while the person chooses: what is shared late is closed", async () => {
    media.asks = true;
    const leave = broadcaster.show();
    const opening = broadcaster.open("screen");
    leave();
    media.answer();
    await opening;
    expect([screen.readyState, sound.readyState]).toEqual(["ended", "ended"]);
    expect(broadcaster.picture.get().source).toBeNull();
  });

  test("cancelled while the person chooses", async () => {
    media.asks = true;
    void broadcaster.open("screen");
    expect(broadcaster.picture.get().opening).toBe(true);
    broadcaster.cancel();
    expect(broadcaster.picture.get().opening).toBe(false);
  });
});

describe("the level", () => {
  test("is the voice's, and who speaks while muted is noticed, until they are silent", async () => {
    await broadcaster.open("camera");
    FakeContext.loudness = 0.1;
    await seconds(1);
    expect(broadcaster.sound.level.get()).toBeGreaterThan(0.5);
    broadcaster.mute(true);
    await seconds(1);
    expect(broadcaster.sound.speaking.get()).toBe(true);
    FakeContext.loudness = 0.001; // a quiet room
    await seconds(5);
    expect(broadcaster.sound.speaking.get()).toBe(false);
    expect(broadcaster.sound.level.get()).toBeLessThan(0.2);
  });

  test("is not known while the browser does not let it be measured", async () => {
    FakeContext.running = false;
    await broadcaster.open("camera");
    await seconds(2);
    expect(broadcaster.sound.level.get()).toBeNull();
  });

  test("ends with the devices", async () => {
    await broadcaster.open("camera");
    broadcaster.close();
    expect(media.opened.flatMap((track) => track.clones).map((one) => one.readyState)).toEqual(["ended"]);
    expect(FakeContext.made.map((one) => one.closed)).toEqual([true]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
