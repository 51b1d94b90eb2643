// A WHIP server that shares nothing with ours: werift's WebRTC behind Node's HTTP, on loopback.
// Prints one JSON object a line: what it listens on, each session, what is received, each DELETE.
//
//   POST /relative/room/whip   201, Location: session/1 (of the room)
//   POST /absolute/room/whip   201, Location: http://...
//   POST /moved/room/whip      307 to another origin, which answers with a relative Location
import { createServer } from "node:http";
import { RTCPeerConnection, RTCRtpCodecParameters } from "werift";

const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "POST, DELETE, OPTIONS",
  "Access-Control-Allow-Headers": "Content-Type",
  "Access-Control-Expose-Headers": "Location",
};
const REPORT_EVERY = 30; // frames
const FRAME_RATE = 90_000;
const sessions = new Map();

const say = (event) => console.log(JSON.stringify(event));

const nack = [{ type: "nack" }, { type: "nack", parameter: "pli" }];
const VIDEO = [
  new RTCRtpCodecParameters({ mimeType: "video/VP8", clockRate: FRAME_RATE, rtcpFeedback: nack }),
  new RTCRtpCodecParameters({
    mimeType: "video/H264",
    clockRate: FRAME_RATE,
    rtcpFeedback: nack,
    parameters: "profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1",
  }),
];
const AUDIO = [new RTCRtpCodecParameters({ mimeType: "audio/opus", clockRate: 48_000, channels: 2 })];

async function open(room, offer) {
  const session = sessions.size + 1;
  const pc = new RTCPeerConnection({
    codecs: { video: VIDEO, audio: AUDIO },
    iceServers: [],
    iceAdditionalHostAddresses: ["127.0.0.1"],
  });
  sessions.set(`/${room}/room/session/${session}`, pc);
  const got = { frames: 0, video: 0, audio: 0 };
  pc.onTrack.subscribe((track) => {
    track.onReceiveRtp.subscribe((packet) => {
      got[track.kind] += 1;
      if (track.kind !== "video" || !packet.header.marker) return;
      got.frames += 1;
      if (got.frames % REPORT_EVERY === 0) say({ received: session, ...got });
    });
  });
  pc.connectionStateChange.subscribe((state) => say({ state, session }));
  await pc.setRemoteDescription({ type: "offer", sdp: offer });
  await pc.setLocalDescription(await pc.createAnswer());
  say({ opened: session, room });
  return { session, sdp: pc.localDescription.sdp };
}

async function body(request) {
  let text = "";
  for await (const part of request) text += part;
  return text;
}

async function answer(request, response, here, other) {
  const offer = await body(request);
  const [, room, , what] = request.url.split("/");
  if (request.method === "OPTIONS") return response.writeHead(204, CORS).end();
  if (request.method === "DELETE") {
    const pc = sessions.get(request.url);
    const status = pc === undefined ? 404 : 200;
    say({ deleted: `${here}${request.url}`, status });
    await pc?.close();
    return response.writeHead(status, CORS).end();
  }
  if (request.method !== "POST" || what !== "whip") return response.writeHead(405, CORS).end();
  if (room === "moved") return response.writeHead(307, { ...CORS, Location: `${other}/answering/room/whip` }).end();
  const { session, sdp } = await open(room, offer);
  const tail = `session/${session}`;
  const location = room === "absolute" ? `${here}/${room}/room/${tail}` : tail;
  response.writeHead(201, { ...CORS, "Content-Type": "application/sdp", Location: location }).end(sdp);
}

async function listen(other) {
  let here = "";
  const server = createServer((request, response) => {
    answer(request, response, here, other).catch((error) => {
      say({ failed: String(error) });
      response.writeHead(500, CORS).end();
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  here = `http://127.0.0.1:${server.address().port}`;
  return here;
}

const answering = await listen("");
const first = await listen(answering);
say({ first, answering });
