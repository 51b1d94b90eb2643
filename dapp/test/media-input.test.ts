import { beforeEach, describe, expect, test, vi } from "vitest";
import { isMirrored } from "../src/stream/devices";
import { MediaInput, openInputs } from "../src/stream/media-input";
import { FakeMedia, type FakeTrack, stubBrowser } from "./fake-media";

let media: FakeMedia;
let kept: Map<string, string>;
let camera: MediaInput;
let microphone: MediaInput;

beforeEach(() => {
  vi.useFakeTimers();
  media = new FakeMedia();
  kept = stubBrowser(media).local;
  media.plug("video", "front");
  media.plug("audio", "built-in");
  camera = new MediaInput("video");
  microphone = new MediaInput("audio");
});

const seconds = (count: number) => vi.advanceTimersByTimeAsync(1_000 * count);
const track = (input: MediaInput) => input.state.get().track as unknown as FakeTrack | null;
const state = (input: MediaInput) => {
  const { lack, trouble, instead } = input.state.get();
  return { device: track(input)?.device ?? null, lack, trouble, instead };
};
const FINE = { lack: null, trouble: null, instead: null };

describe("opening", () => {
  test("both by one question", async () => {
    await openInputs(camera, microphone);
    expect(media.asked).toEqual(["video+audio"]);
    expect([state(camera), state(microphone)]).toEqual([
      { device: "front", ...FINE },
      { device: "built-in", ...FINE },
    ]);
  });

  test.each([
    ["a camera that is busy", () => media.busy.push("video"), "busy"],
    ["no camera at all", () => media.unplug("front"), "none"],
    ["a camera that the system blocks", () => media.blocked.push("video"), "no"],
  ])("%s: the microphone alone", async (_, act, lack) => {
    act();
    await openInputs(camera, microphone);
    expect(state(camera)).toEqual({ device: null, ...FINE, lack });
    expect(state(microphone)).toEqual({ device: "built-in", ...FINE });
  });

  test.each([
    ["busy", () => media.busy.push("audio"), "busy"],
    ["absent", () => media.unplug("built-in"), "none"],
  ])("a microphone that is %s: the camera alone", async (_, act, lack) => {
    act();
    await openInputs(camera, microphone);
    expect(state(camera).device).toBe("front");
    expect(state(microphone)).toEqual({ device: null, ...FINE, lack });
  });

  test("a person who refuses is not asked twice more", async () => {
    media.blocked = ["video", "audio"];
    media.permission = { video: "prompt", audio: "prompt" };
    await openInputs(camera, microphone);
    expect(media.asked).toEqual(["video+audio"]);
    expect([state(camera).lack, state(microphone).lack]).toEqual(["no", "no"]);
  });

  test("a camera blocked by a setting: it alone is not asked for", async () => {
    media.blocked = ["video"];
    media.permission.video = "denied";
    await openInputs(camera, microphone);
    expect(media.asked).toEqual(["video+audio", "audio"]);
    expect([state(camera).lack, state(microphone).device]).toEqual(["no", "built-in"]);
  });

  test("a remembered headset that is gone is forgotten, a remembered camera that is there is not", async () => {
    media.plug("video", "desk");
    kept.set("livestream-rooms.camera", "desk");
    kept.set("livestream-rooms.microphone", "headset");
    [camera, microphone] = [new MediaInput("video"), new MediaInput("audio")];
    await openInputs(camera, microphone);
    expect([state(camera).device, state(microphone).device]).toEqual(["desk", "built-in"]);
    expect([...kept]).toEqual([["livestream-rooms.camera", "desk"]]);
    expect(microphone.chosen).toBeNull();
  });

  test("left while the person is asked: what comes late is closed", async () => {
    media.asks = true;
    const opening = openInputs(camera, microphone);
    camera.close();
    microphone.close();
    media.answer();
    await opening;
    expect(media.opened.length).toBe(2);
    expect(media.live()).toEqual([]);
    expect(state(camera)).toEqual({ device: null, ...FINE });
  });

  test("a question that is never answered ends by cancelling it, and can be asked again", async () => {
    media.asks = true;
    void openInputs(camera, microphone);
    camera.cancel();
    microphone.cancel();
    expect(camera.state.get().opening).toBe(false);
    media.asks = false;
    await openInputs(camera, microphone);
    media.answer(); // late
    await seconds(0);
    expect(media.live().length).toBe(2);
    expect(state(camera).device).toBe("front");
  });
});

describe("another device", () => {
  beforeEach(async () => {
    media.plug("video", "back");
    await openInputs(camera, microphone);
  });

  test("is opened beside the one in use, and remembered", async () => {
    await camera.choose("back");
    expect(state(camera)).toEqual({ device: "back", ...FINE });
    expect(media.live("video").length).toBe(1);
    expect(kept.get("livestream-rooms.camera")).toBe("back");
  });

  test("takes the place of the first where only one may be open", async () => {
    media.exclusive = true;
    await camera.choose("back");
    expect(state(camera)).toEqual({ device: "back", ...FINE });
  });

  test("that fails then gives the first one back", async () => {
    media.exclusive = true;
    const real = media.getUserMedia;
    media.getUserMedia = async (wanted) => {
      if (wanted.video?.deviceId?.exact === "back") throw new DOMException("", "NotReadableError");
      return real(wanted);
    };
    await camera.choose("back");
    expect(state(camera)).toEqual({ device: "front", ...FINE, trouble: "busy" });
    expect(kept.has("livestream-rooms.camera")).toBe(false);
    camera.accept();
    expect(state(camera)).toEqual({ device: "front", ...FINE });
  });

  test("cancelled after the first one was stopped: the first comes back", async () => {
    media.exclusive = true;
    const real = media.getUserMedia;
    let hang = false;
    media.getUserMedia = async (wanted) => {
      if (hang && wanted.video?.deviceId?.exact === "back") return new Promise(() => {});
      hang = wanted.video?.deviceId?.exact === "back";
      return real(wanted);
    };
    void camera.choose("back");
    await seconds(0);
    expect(track(camera)?.readyState).toBe("ended");
    camera.cancel();
    await seconds(0);
    expect(state(camera)).toEqual({ device: "front", ...FINE });
  });

  test("that is gone leaves the first as it is", async () => {
    media.unplug("back", true);
    await camera.choose("back");
    expect(state(camera)).toEqual({ device: "front", ...FINE, trouble: "none" });
  });
});

describe.each([
  ["told by events", false],
  ["told by nobody", true],
])("lost, %s", (_, silently) => {
  beforeEach(() => openInputs(camera, microphone));

  test("a camera is said to be lost, and comes back by itself", async () => {
    media.unplug("front", silently);
    await seconds(2);
    expect(state(camera)).toEqual({ device: null, ...FINE, lack: "lost" });
    await seconds(30);
    expect(state(camera).lack).toBe("lost");
    media.plug("video", "front", silently);
    await seconds(2);
    expect(state(camera)).toEqual({ device: "front", ...FINE });
  });

  test("no other camera is opened without the person", async () => {
    media.plug("video", "bedroom", silently);
    media.unplug("front", silently);
    await seconds(20);
    expect(state(camera)).toEqual({ device: null, ...FINE, lack: "lost" });
    await camera.open();
    expect(state(camera)).toEqual({ device: "bedroom", ...FINE });
  });

  test("a headset: the next microphone goes on, said, until the headset is back", async () => {
    media.plug("audio", "headset", silently);
    await microphone.choose("headset");
    media.unplug("headset", silently);
    await seconds(2);
    expect(state(microphone)).toEqual({ device: "built-in", ...FINE, instead: "built-in" });
    media.plug("audio", "headset", silently);
    await seconds(2);
    expect(state(microphone)).toEqual({ device: "headset", ...FINE });
    expect(media.live("audio").length).toBe(1);
  });

  test("a headset that is back and busy says nothing more, and comes when it can", async () => {
    media.plug("audio", "headset", silently);
    await microphone.choose("headset");
    media.unplug("headset", silently);
    await seconds(2);
    const now = track(microphone);
    media.busy = ["audio"];
    media.plug("audio", "headset", silently);
    await seconds(10);
    expect(state(microphone)).toEqual({ device: "built-in", ...FINE, instead: "built-in" });
    expect([track(microphone), now?.readyState]).toEqual([now, "live"]);
    media.busy = [];
    await seconds(10);
    expect(state(microphone)).toEqual({ device: "headset", ...FINE });
  });

  test("a headset that the browser calls default is known by its group", async () => {
    media.devices = [];
    media.plug("audio", "default", true, "headset");
    media.plug("audio", "a", true, "headset");
    await microphone.open("default");
    media.devices = [];
    track(microphone)?.end(silently);
    media.plug("audio", "default", silently, "desk");
    media.plug("audio", "b", silently, "desk");
    await seconds(2);
    expect(state(microphone).instead).toBe("default");
    media.plug("audio", "a", silently, "headset");
    await seconds(2);
    expect(state(microphone)).toEqual({ device: "a", ...FINE });
  });

  test("the only microphone is said to be lost, and comes back", async () => {
    media.unplug("built-in", silently);
    await seconds(2);
    expect(state(microphone)).toEqual({ device: null, ...FINE, lack: "lost" });
    media.plug("audio", "built-in", silently);
    await seconds(2);
    expect(state(microphone)).toEqual({ device: "built-in", ...FINE });
  });

  test("a phone call: said, and over by itself", async () => {
    for (const input of [camera, microphone]) track(input)?.hold(true, silently);
    await seconds(2);
    expect([state(camera).lack, state(microphone).lack]).toEqual(["held", "held"]);
    for (const input of [camera, microphone]) track(input)?.hold(false, silently);
    await seconds(2);
    expect([state(camera), state(microphone)]).toEqual([
      { device: "front", ...FINE },
      { device: "built-in", ...FINE },
    ]);
  });

  test("a camera that another program had comes by itself when that is over", async () => {
    camera.close();
    media.busy.push("video");
    await camera.open();
    expect(state(camera).lack).toBe("busy");
    const before = media.asked.length;
    await seconds(30);
    expect(media.asked.length - before).toBeLessThanOrEqual(4); // seldom
    media.busy = [];
    await seconds(10);
    expect(state(camera)).toEqual({ device: "front", ...FINE });
  });

  test("a camera that was absent comes by itself when it is plugged in", async () => {
    camera.close();
    media.devices = media.devices.filter(({ kind }) => kind === "audio");
    await camera.open();
    expect(state(camera).lack).toBe("none");
    media.plug("video", "new", silently);
    await seconds(2);
    expect(state(camera)).toEqual({ device: "new", ...FINE });
  });

  test("a camera that was blocked comes by itself once it is allowed, and is not asked for before", async () => {
    camera.close();
    media.blocked = ["video"];
    media.permission.video = "denied";
    await camera.open();
    const before = media.asked.length;
    await seconds(30);
    expect(media.asked.length).toBe(before);
    media.blocked = [];
    media.permission.video = "granted";
    await seconds(2);
    expect(state(camera)).toEqual({ device: "front", ...FINE });
  });

  test("closed: nothing is looked for any more", async () => {
    media.unplug("front", silently);
    await seconds(2);
    camera.close();
    const before = media.asked.length;
    media.plug("video", "front", silently);
    await seconds(30);
    expect(media.asked.length).toBe(before);
    expect(vi.getTimerCount()).toBe(1); // the microphone's
  });
});

test.each([
  ["user", false, true],
  ["environment", true, false],
  [undefined, true, true],
  [undefined, false, false],
])("mirrored: facing %s, at a desk %s: %s", (facingMode, desk, mirrored) => {
  vi.stubGlobal("matchMedia", () => ({ matches: desk }));
  expect(isMirrored({ getSettings: () => ({ facingMode }) } as MediaStreamTrack)).toBe(mirrored);
});
