/**
 * Keeps a host on air by WHIP.
 *
 * Promises: once started it stays until `stop`: a lost connection is made anew with growing waits,
 * with the same tracks. Tracks can be exchanged on air. Credentials that are refused twice in a row
 * end it (`refused`): the room may have ended, or its key was replaced.
 */
import { Backoff, sleep } from "../base/time";
import { closeSession, openSession, SignallingError } from "./signalling";

export type PublisherState =
  | { kind: "connecting" }
  | { kind: "live"; since: number }
  | { kind: "reconnecting"; since: number }
  | { kind: "refused" };

type Kind = "video" | "audio";
export type Tracks = Record<Kind, MediaStreamTrack | null>;

export interface Sent {
  fps: number;
  height: number;
  kbps: number;
}

export interface Publisher {
  replace(kind: Kind, track: MediaStreamTrack | null): Promise<void>;
  sent(): Promise<Sent | null>;
  stop(): void;
}

const CONNECT_MS = 10_000;
const LOST_MS = 2_500;
const SILENT_MS = 5_000;
const LOOK_MS = 300;
const MOST_BITS = 2_500_000;

interface Leg {
  pc: RTCPeerConnection;
  session: string | null;
  senders: Record<Kind, RTCRtpSender>;
}

export function publish(whip: string, first: Tracks, tell: (state: PublisherState) => void): Publisher {
  const tracks: Tracks = { ...first };
  const stopping = new AbortController();
  let leg: Leg | null = null;
  let bytesBefore = 0;
  let statsBefore = 0;

  async function connect(): Promise<Leg> {
    const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    const video = pc.addTransceiver(tracks.video ?? "video", {
      direction: "sendonly",
      sendEncodings: [{ maxBitrate: MOST_BITS }],
    });
    const audio = pc.addTransceiver(tracks.audio ?? "audio", { direction: "sendonly" });
    try {
      const session = await openSession(whip, pc, stopping.signal);
      return { pc, session, senders: { video: video.sender, audio: audio.sender } };
    } catch (error) {
      pc.close();
      throw error;
    }
  }

  function hangUp(): void {
    if (leg === null) return;
    closeSession(leg.session);
    leg.pc.close();
    leg = null;
  }

  /** Waits until media flows; false: it never did. */
  async function flowing(pc: RTCPeerConnection): Promise<boolean> {
    const until = performance.now() + CONNECT_MS;
    while (performance.now() < until && pc.connectionState !== "failed") {
      if (pc.connectionState === "connected") return true;
      await sleep(40, stopping.signal);
    }
    return false;
  }

  /** Returns when the connection is lost, or the server no longer says that it receives. */
  async function untilLost(pc: RTCPeerConnection): Promise<void> {
    let good = performance.now();
    let heardAt = good;
    let heard = 0;
    for (;;) {
      await sleep(LOOK_MS, stopping.signal);
      const now = performance.now();
      if (pc.connectionState === "connected") good = now;
      if (pc.connectionState === "failed" || pc.connectionState === "closed") return;
      const bytes = await bytesHeard(pc);
      if (bytes > heard) heardAt = now;
      heard = bytes;
      if (now - good > LOST_MS || now - heardAt > SILENT_MS) return;
    }
  }

  async function run(): Promise<void> {
    const backoff = new Backoff(400, 5_000);
    let refusals = 0;
    let since: number | null = null;
    tell({ kind: "connecting" });
    for (;;) {
      try {
        leg = await connect();
        refusals = 0;
        if (await flowing(leg.pc)) {
          since ??= Date.now();
          backoff.reset();
          tell({ kind: "live", since });
          await untilLost(leg.pc);
        }
      } catch (error) {
        if (stopping.signal.aborted) return;
        const why = error instanceof SignallingError ? error.why : null;
        if ((why === "refused" || why === "gone") && ++refusals >= 2) return tell({ kind: "refused" });
      }
      hangUp();
      if (stopping.signal.aborted) return;
      tell(since === null ? { kind: "connecting" } : { kind: "reconnecting", since });
      await sleep(backoff.take(), stopping.signal);
    }
  }

  const leave = () => leg !== null && closeSession(leg.session);
  addEventListener("pagehide", leave);
  run().catch(() => {
    // stopped
  });

  return {
    async replace(kind, track) {
      tracks[kind] = track;
      await leg?.senders[kind].replaceTrack(track);
    },
    async sent() {
      if (leg === null) return null;
      for (const report of (await leg.pc.getStats()).values()) {
        if (report.type !== "outbound-rtp" || report.kind !== "video") continue;
        const seconds = (report.timestamp - statsBefore) / 1000;
        const kbps = (8 * (report.bytesSent - bytesBefore)) / 1000 / seconds;
        bytesBefore = report.bytesSent;
        statsBefore = report.timestamp;
        const { framesPerSecond: fps = 0, frameHeight: height = 0 } = report;
        return { fps, height, kbps: Math.max(0, Math.round(kbps)) };
      }
      return null;
    },
    stop() {
      removeEventListener("pagehide", leave);
      stopping.abort();
      hangUp();
    },
  };
}

/** What the server has sent: reports of what it receives, at least every second or two. */
async function bytesHeard(pc: RTCPeerConnection): Promise<number> {
  let sum = 0;
  for (const report of (await pc.getStats()).values()) {
    if (report.type === "transport") sum += report.bytesReceived ?? 0;
  }
  return sum;
}
