/** One WHEP session: a peer connection that only receives, and what its watchdog reads. */
import { offer, toReceive } from "./codecs";
import type { Received } from "./picture";
import { type OpenSession, openSession } from "./signalling";

export interface WhepSession extends Omit<OpenSession, "hasPath"> {
  readonly stream: MediaStream;
  received(): Promise<Received>;
}

/** `avoid`: a codec, such as "video/H264", that is offered last. */
export type ConnectWhep = (url: string, signal: AbortSignal, avoid?: string | null) => Promise<WhepSession>;

export const connectWhep: ConnectWhep = async (url, signal, avoid = null) => {
  const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  const stream = new MediaStream();
  pc.ontrack = ({ track, receiver }) => {
    stream.addTrack(track);
    if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0; // liveness over comfort
  };
  const video = pc.addTransceiver("video", { direction: "recvonly" });
  const codecs = RTCRtpReceiver.getCapabilities?.("video")?.codecs ?? [];
  if (avoid !== null) offer(video, toReceive(codecs, avoid));
  pc.addTransceiver("audio", { direction: "recvonly" });
  const session = await openSession(url, pc, signal);
  return { ...session, stream, received: () => received(pc) };
};

async function received(pc: RTCPeerConnection): Promise<Received> {
  const sum: Received = { audio: 0, video: 0, frames: 0, complete: null, codec: null };
  const stats = await pc.getStats();
  for (const report of stats.values()) {
    if (report.type !== "inbound-rtp") continue;
    sum[report.kind === "audio" ? "audio" : "video"] += report.packetsReceived ?? 0;
    if (report.kind !== "video") continue;
    sum.frames += report.framesDecoded ?? 0;
    if (report.framesReceived !== undefined) sum.complete = (sum.complete ?? 0) + report.framesReceived;
    sum.codec = stats.get(report.codecId)?.mimeType ?? sum.codec;
  }
  return sum;
}
