/**
 * Keeps a viewer watching a WEBRTC room.
 *
 * Promises: `tell` hears each phase once. While nobody broadcasts it waits (`waiting`); when frames
 * come it plays; when they stop for `STALL_MS` it says `reconnecting` and asks again with growing
 * waits; after `PATIENCE_MS` without any it waits again. Where the server answers but no media path
 * is found twice in a row, it says `blocked` (UDP) and goes on trying slowly.
 * Assumes: `/lifecycle` knows whether the input is live. Cloudflare does not say so for WHIP in
 * writing, so now and then the WHEP address itself is asked, whatever it says.
 */
import { Backoff } from "../base/time";
import { askLifecycle, browserClock, type Clock, type Lifecycle, lifecyclePause } from "./lifecycle";
import { SignallingError } from "./signalling";
import { type ConnectWhep, connectWhep, type WhepSession } from "./whep-session";

export type WhepPhase =
  | { kind: "connecting" }
  | { kind: "waiting" }
  | { kind: "playing"; stream: MediaStream }
  | { kind: "reconnecting" }
  | { kind: "blocked" };

const STALL_MS = 2_500;
const DECODE_STALL_MS = 6_000;
const FIRST_FRAME_MS = 8_000;
const PATH_MS = 6_000;
const PATIENCE_MS = 20_000;
const LOOK_MS = 400;
const PROBE_EVERY_MS = 12_000;

export interface ViewerParts {
  connect: ConnectWhep;
  lifecycle: (url: string, signal: AbortSignal) => Promise<Lifecycle | null>;
  clock: Clock;
}

const REAL: ViewerParts = { connect: connectWhep, lifecycle: askLifecycle, clock: browserClock };

/** Runs until `signal` aborts. */
export async function watchWhep(
  whep: string,
  lifecycle: string,
  tell: (phase: WhepPhase) => void,
  signal: AbortSignal,
  parts: ViewerParts = REAL,
): Promise<void> {
  const { clock } = parts;
  const backoff = new Backoff(400, 8_000, clock.random);
  let lastFrame = -Infinity;
  let waitingSince: number | null = null;
  let trusted = false; // whether /lifecycle has ever called this input live
  let pathless = 0;
  let first = true;
  tell({ kind: "connecting" });
  while (!signal.aborted) {
    if (first || clock.now() - lastFrame > PATIENCE_MS) {
      if (pathless === 0) await untilLive(first);
      first = false;
      if (signal.aborted) return;
    }
    let session: WhepSession | null = null;
    try {
      session = await parts.connect(whep, signal);
      const path = await untilFrames(session);
      if (path === "playing") {
        pathless = 0;
        waitingSince = null;
        backoff.reset();
        tell({ kind: "playing", stream: session.stream });
        await untilStall(session);
        lastFrame = clock.now();
      } else if (path === "pathless") {
        pathless += 1;
      }
      session.close();
      session = null;
      if (signal.aborted) return;
      tell(pathless >= 2 ? { kind: "blocked" } : { kind: "reconnecting" });
    } catch (error) {
      session?.close();
      if (signal.aborted) return;
      const silent = error instanceof SignallingError && error.why === "not-live";
      if (silent) pathless = 0;
      if (clock.now() - lastFrame > PATIENCE_MS && pathless === 0) tell({ kind: "waiting" });
    }
    await clock.sleep(backoff.take(), signal).catch(() => {});
  }

  /** Waits until the input is live; at once if it cannot be asked. */
  async function untilLive(atOnce: boolean): Promise<void> {
    waitingSince ??= clock.now();
    const began = waitingSince;
    const probed = clock.now();
    while (!signal.aborted) {
      const state = await parts.lifecycle(lifecycle, signal).catch(() => null);
      if (state?.live === true) trusted = true;
      if (signal.aborted || state?.live === true) return;
      if (!atOnce || state !== null) tell({ kind: "waiting" });
      if (state === null && atOnce) return;
      atOnce = false;
      await clock.sleep(lifecyclePause(clock.now() - began, clock.random), signal).catch(() => {});
      if (signal.aborted) return;
      await clock.tabVisible(signal).catch(() => {});
      const due = Math.max(PROBE_EVERY_MS, 4 * lifecyclePause(clock.now() - began, clock.random));
      if (!trusted && clock.now() - probed > due) return;
    }
  }

  /** Waits for the first frames of a session. */
  async function untilFrames(session: WhepSession): Promise<"playing" | "pathless" | "silent"> {
    const began = clock.now();
    while (!signal.aborted && clock.now() - began < FIRST_FRAME_MS) {
      if ((await session.progress()).packets > 0) return "playing";
      if (session.failed()) break;
      if (!session.connected() && clock.now() - began > PATH_MS) break;
      await clock.sleep(50, signal).catch(() => {});
    }
    return session.connected() ? "silent" : "pathless";
  }

  /** Returns when nothing more arrives, or nothing can be decoded any more. */
  async function untilStall(session: WhepSession): Promise<void> {
    let last = await session.progress();
    let packetsAt = clock.now();
    let framesAt = clock.now();
    while (!signal.aborted && !session.failed()) {
      await clock.sleep(LOOK_MS, signal).catch(() => {});
      const next = await session.progress();
      const now = clock.now();
      if (next.packets > last.packets) packetsAt = now;
      // a hidden tab need not decode, and a voice alone has no frames
      if (next.frames > last.frames || last.frames === 0 || document.hidden) framesAt = now;
      last = next;
      if (now - packetsAt > STALL_MS || now - framesAt > DECODE_STALL_MS) return;
    }
  }
}
