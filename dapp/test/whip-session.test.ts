import { beforeEach, describe, expect, test, vi } from "vitest";
import { toSend } from "../src/stream/codecs";
import { iceServers } from "../src/stream/link-header";
import { isAllBlack } from "../src/stream/source-look";
import { connectWhep } from "../src/stream/whep-session";
import { connectWhip, type Tracks } from "../src/stream/whip-session";
import { track, WhipServer } from "./whip-server";

vi.stubGlobal("navigator", { vendor: "Google Inc." });

const URL = "https://video.example/room/whip";
const TURN = '<turns:t.example:443?transport=tcp>; rel="ice-server"; username="u"; credential="c"';
const USED = [{ urls: "turns:t.example:443?transport=tcp", username: "u", credential: "c" }];
let server: WhipServer;
let tracks: Tracks;
const signal = new AbortController().signal;

beforeEach(() => {
  server = new WhipServer();
  tracks = { video: track("video"), audio: track("audio") };
});

const connect = (avoid: string | null = null) => connectWhip(URL, tracks, avoid, signal);

describe.each([
  ["WHIP", () => connect()],
  ["WHEP", () => connectWhep(URL, signal)],
])("%s", (_, open) => {
  test("servers of the answer's Link are used from the first candidate on", async () => {
    server.reply = { headers: { Link: TURN } };
    await open();
    expect(server.servers).toEqual(USED);
    expect(server.done).toEqual(["asked", "servers", "local", "remote"]);
  });

  test.each([
    ["relative", "session/1", "https://video.example/room/session/1"],
    ["absolute", "https://other.example/s/1", "https://other.example/s/1"],
    ["no address", "http://[", null],
  ])("Location, %s: DELETE goes there", async (_, location, address) => {
    server.reply = { headers: { Location: location } };
    (await open()).close();
    expect(server.asked.slice(1)).toEqual(address === null ? [] : [`DELETE ${address}`]);
    expect(server.open).toBe(0);
  });

  test("Location after a redirect: relative to who answered", async () => {
    server.reply = { headers: { Location: "session/1" }, url: "https://node7.example/moved/whip" };
    (await open()).close();
    expect(server.asked[1]).toBe("DELETE https://node7.example/moved/session/1");
  });

  test.each([200, 202, 204])("%d instead of 201: closed, and no session", async (status) => {
    server.reply = { status, headers: { Location: "session/1" }, body: status === 204 ? null : "v=0 answer" };
    await expect(open()).rejects.toMatchObject({ why: "foreign", status });
    expect(server.asked[1]).toBe("DELETE https://video.example/room/session/1");
    expect(server.open).toBe(0);
  });

  test("201 with an answer that is no SDP: closed, and no session", async () => {
    server.reply = { headers: { Location: "session/1" }, body: "<html>Welcome</html>" };
    server.refusesAnswer = true;
    await expect(open()).rejects.toMatchObject({ why: "foreign", status: 201 });
    expect(server.asked[1]).toBe("DELETE https://video.example/room/session/1");
    expect(server.open).toBe(0);
  });
});

test("the source is changed while the server is asked: the session carries it", async () => {
  const [camera, screen] = [tracks.video, track("video")];
  server.meanwhile = () => {
    tracks.video = screen;
  };
  const session = await connect();
  expect(server.senders[0]?.track).toBe(camera);
  expect(await session.carry(tracks)).toBe(true);
  expect(server.senders[0]?.track).toBe(screen);
  tracks.audio = null;
  await session.carry(tracks);
  expect(server.senders[1]?.track).toBeNull();
});

test("counts of what went out: only what was sent, heard of by whatever the browser has", async () => {
  const session = await connect();
  expect((await session.outgoing()).heard).toBeNull();
  server.reports = [
    { type: "transport", bytesReceived: 70 },
    { type: "remote-inbound-rtp", timestamp: 5 },
    { type: "media-source", kind: "video", frames: 30 },
    { type: "outbound-rtp", kind: "audio", packetsSent: 50 },
    {
      type: "outbound-rtp",
      kind: "video",
      packetsSent: 60,
      framesEncoded: 29,
      framesSent: 20,
      bytesSent: 9,
      timestamp: 1,
    },
  ];
  const counts = await session.outgoing();
  expect(counts).toMatchObject({ heard: 75, packets: 110, captured: 30, frames: 20, bytes: 9, codec: null });
});

describe("codecs", () => {
  test("VP8 first, then H.264; one that made no frames last", async () => {
    await connect();
    expect(server.codecs).toEqual(["video/VP8", "video/H264", "video/VP9", "video/rtx"]);
    await connect("video/VP8");
    expect(server.codecs).toEqual(["video/H264", "video/VP9", "video/VP8", "video/rtx"]);
  });

  test("Apple's: H.264 first, in the profile that Cloudflare names", () => {
    const h264 = (profile: string) => ({ mimeType: "video/H264", sdpFmtpLine: `profile-level-id=${profile}` });
    const [high, baseline, vp8, av1] = [
      h264("640c1f"),
      h264("42e01f"),
      { mimeType: "video/VP8" },
      { mimeType: "video/AV1" },
    ];
    expect(toSend([av1, high, baseline, vp8], null, true)).toEqual([baseline, vp8, high, av1]);
  });
});

describe("Link", () => {
  test.each([
    ["nothing", "", []],
    ["one with credentials", TURN, USED],
    [
      "names in any case, tokens, more relations",
      '<STUN:s.example> ; REL="x Ice-Server"; nonsense',
      [{ urls: "STUN:s.example" }],
    ],
    [
      "several, with commas and quotes inside",
      '<turn:a.example>;rel=ice-server;username="a,\\"b";credential="<c>, d";credential-type=password, <stun:b.example>; rel="ice-server"',
      [{ urls: "turn:a.example", username: 'a,"b', credential: "<c>, d" }, { urls: "stun:b.example" }],
    ],
    ["another relation", '<https://x.example>; rel="next", <stun:b.example>; rel="preconnect"', []],
    [
      "TURN without credentials, or with others than a password",
      `<turn:a.example>; rel="ice-server", ${TURN}; credential-type="oauth"`,
      [],
    ],
    ["one that is broken, and a good one", `garbage, <https://x>; rel="ice-server", ${TURN}`, USED],
    ["the first of a name counts", '<stun:a.example>; rel="next"; rel="ice-server"', []],
  ])("%s", (_, header, found) => {
    expect(iceServers(header)).toEqual(found);
  });

  test("very many: some", () => {
    expect(iceServers(Array.from({ length: 99 }, () => TURN).join(", "))).toHaveLength(6);
  });
});

describe("a wholly black picture", () => {
  const picture = (...pixels: number[][]) => isAllBlack(new Uint8ClampedArray(pixels.flat()));
  test.each([
    ["black", picture([0, 0, 0, 255], [16, 16, 16, 255]), true],
    ["one bright spot", picture([0, 0, 0, 255], [0, 90, 0, 255]), false],
    ["nothing to be seen", picture([0, 0, 0, 0]), null],
    ["no picture", picture(), null],
  ])("%s", (_, found, expected) => {
    expect(found).toBe(expected);
  });
});
