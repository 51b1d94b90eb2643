/** One WHIP session: a peer connection that only sends, and what its watchdog reads. */
import { isApple, offer, toSend } from "./codecs";
import type { Outgoing } from "./outgoing";
import { type OpenSession, openSession } from "./signalling";

type Kind = "video" | "audio";
export type Tracks = Record<Kind, MediaStreamTrack | null>;

export interface WhipSession extends OpenSession {
  /** Sees to it that the senders carry `tracks`; false: this connection cannot. */
  carry(tracks: Tracks): Promise<boolean>;
  outgoing(): Promise<Outgoing>;
}

/** `avoid`: a codec, such as "video/H264", that is offered last. */
export type ConnectWhip = (
  url: string,
  tracks: Tracks,
  avoid: string | null,
  signal: AbortSignal,
) => Promise<WhipSession>;

const MOST_BITS = 2_500_000;

/** What tells that the server was heard, by the report that has it: no browser has them all. */
const HEARD: Record<string, (report: { bytesReceived?: number; timestamp: number }) => number | undefined> = {
  transport: ({ bytesReceived }) => bytesReceived,
  "candidate-pair": ({ bytesReceived }) => bytesReceived,
  "remote-inbound-rtp": ({ timestamp }) => timestamp,
};

export const connectWhip: ConnectWhip = async (url, tracks, avoid, signal) => {
  const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  const video = pc.addTransceiver(tracks.video ?? "video", {
    direction: "sendonly",
    sendEncodings: [{ maxBitrate: MOST_BITS }],
  });
  const audio = pc.addTransceiver(tracks.audio ?? "audio", { direction: "sendonly" });
  const [sends, receives] = [RTCRtpSender, RTCRtpReceiver].map((side) =>
    toSend(side.getCapabilities?.("video")?.codecs ?? [], avoid, isApple()),
  );
  offer(video, sends ?? [], receives ?? []);
  const session = await openSession(url, pc, signal);
  return {
    ...session,
    carry: async (wanted) => (await put(video, wanted.video)) && (await put(audio, wanted.audio)),
    outgoing: async () => outgoing(await pc.getStats()),
  };
};

/** A kind that the server does not take at all is carried by no other connection either. */
async function put({ sender, currentDirection }: RTCRtpTransceiver, track: MediaStreamTrack | null): Promise<boolean> {
  if (sender.track === track || currentDirection !== "sendonly") return true;
  return sender.replaceTrack(track).then(
    () => true,
    () => false,
  );
}

function outgoing(stats: RTCStatsReport): Outgoing {
  const sum: Outgoing = {
    heard: null,
    packets: 0,
    bytes: 0,
    captured: null,
    frames: 0,
    fps: 0,
    height: 0,
    codec: null,
    held: false,
    at: 0,
  };
  for (const report of stats.values()) {
    const heard = HEARD[report.type]?.(report);
    if (heard !== undefined) sum.heard = (sum.heard ?? 0) + heard;
    if (report.type === "media-source" && report.kind === "video") sum.captured = report.frames ?? null;
    if (report.type !== "outbound-rtp") continue;
    sum.packets += report.packetsSent ?? 0;
    if (report.kind !== "video") continue;
    sum.at = report.timestamp;
    sum.bytes += report.bytesSent ?? 0;
    // a frame that was encoded and is not sent has not gone out
    sum.frames += Math.min(report.framesEncoded ?? 0, report.framesSent ?? Number.POSITIVE_INFINITY);
    sum.fps = report.framesPerSecond ?? 0;
    sum.height = report.frameHeight ?? 0;
    sum.codec = stats.get(report.codecId)?.mimeType ?? null;
    sum.held = report.qualityLimitationReason === "bandwidth";
  }
  return sum;
}
