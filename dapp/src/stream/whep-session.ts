/** One WHEP session: a peer connection that only receives, and what its watchdog reads. */
import { closeSession, openSession } from "./signalling";

export interface Progress {
  packets: number;
  frames: number;
}

export interface WhepSession {
  readonly stream: MediaStream;
  /** Whether a path for media was found. */
  connected(): boolean;
  failed(): boolean;
  progress(): Promise<Progress>;
  close(): void;
}

export type ConnectWhep = (url: string, signal: AbortSignal) => Promise<WhepSession>;

export const connectWhep: ConnectWhep = async (url, signal) => {
  const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  const stream = new MediaStream();
  pc.ontrack = ({ track, receiver }) => {
    stream.addTrack(track);
    if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0; // liveness over comfort
  };
  pc.addTransceiver("video", { direction: "recvonly" });
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
    progress: () => received(pc),
    close() {
      removeEventListener("pagehide", leave);
      closeSession(session);
      pc.close();
    },
  };
};

async function received(pc: RTCPeerConnection): Promise<Progress> {
  const sum = { packets: 0, frames: 0 };
  for (const report of (await pc.getStats()).values()) {
    if (report.type !== "inbound-rtp") continue;
    sum.packets += report.packetsReceived ?? 0;
    sum.frames += report.framesDecoded ?? 0;
  }
  return sum;
}
