/** One WHEP session: a peer connection that only receives, and what its watchdog reads. */
import type { Received } from "./picture";
import { closeSession, openSession } from "./signalling";

export interface WhepSession {
  readonly stream: MediaStream;
  /** Whether a path for media was found. */
  connected(): boolean;
  failed(): boolean;
  received(): Promise<Received>;
  close(): void;
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
  if (avoid !== null) offerLast(video, avoid);
  pc.addTransceiver("audio", { direction: "recvonly" });
  let session: string | null;
  try {
    session = await openSession(url, pc, signal);
  } catch (error) {
    pc.close();
    throw error;
  }
  const leave = () => closeSession(session);
  addEventListener("pagehide", leave);
  return {
    stream,
    connected: () => pc.connectionState === "connected",
    failed: () => pc.connectionState === "failed" || pc.connectionState === "closed",
    received: () => received(pc),
    close() {
      removeEventListener("pagehide", leave);
      closeSession(session);
      pc.close();
    },
  };
};

function offerLast(video: RTCRtpTransceiver, codec: string): void {
  const all = RTCRtpReceiver.getCapabilities?.("video")?.codecs ?? [];
  const is = ({ mimeType }: RTCRtpCodec) => mimeType === codec;
  try {
    video.setCodecPreferences([...all.filter((one) => !is(one)), ...all.filter(is)]);
  } catch {
    // an old browser: the new session alone is another try
  }
}

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
