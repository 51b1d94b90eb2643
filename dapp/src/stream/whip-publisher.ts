/**
 * Keeps a host on air by WHIP.
 *
 * Promises: once started it stays until `stop`: a lost connection is made anew with growing waits, and
 * what keeps it from that is told (`why`). Whatever is changed meanwhile, the senders carry what was given
 * last: each look compares. While on air, what viewers get is told (`sight`); an encoder that makes no
 * frames is given two tries of its own, each with another codec first. Where the server answers but no
 * path for media is found twice in a row, that is `blocked` (UDP). With nothing to send, a lost connection
 * is made anew rarely, and at once when there is something. Credentials that are refused twice in a row
 * end it (`refused`): the room may have ended, or its key was replaced.
 * Assumes: a server reports on what it receives, every second or two (RTCP).
 */
import { browserClock, type Clock } from "./lifecycle";
import { dueOf, isDelivering, OutgoingWatch, type Sight } from "./outgoing";
import { isPassing, Retries, type Trouble, unexplained } from "./retries";
import { PATH_MS, SignallingError } from "./signalling";
import { isBlack } from "./source-look";
import { type ConnectWhip, connectWhip, type Tracks, type WhipSession } from "./whip-session";

type Hindrance = Trouble | "blocked";

export type PublisherState =
  | { kind: "connecting"; why: Hindrance | null }
  | { kind: "live"; since: number; sight: Sight }
  | { kind: "reconnecting"; since: number; why: Hindrance | null }
  | { kind: "refused" };

export interface Sent {
  fps: number;
  height: number;
  kbps: number;
}

export interface Publisher {
  replace(kind: keyof Tracks, track: MediaStreamTrack | null): Promise<void>;
  /** Connects anew, with another codec first if this one makes no frames. */
  renew(): void;
  sent(): Promise<Sent | null>;
  stop(): void;
}

export interface PublisherParts {
  connect: ConnectWhip;
  clock: Clock;
  /** Whether a source is wholly black; null: not known. */
  isBlack: (video: MediaStreamTrack) => Promise<boolean | null>;
  /** Whether the picture need not move: browsers halt cameras of pages that cannot be seen. */
  excused: () => boolean;
}

const REAL: PublisherParts = {
  connect: connectWhip,
  clock: browserClock,
  isBlack,
  excused: () => document.hidden,
};

const LOST_MS = 2_500;
const SILENT_MS = 5_000;
const PROVED_MS = 6_000;
const RECOVERED_MS = 60_000;
const LOOK_MS = 300;
const FIRST_LOOK_MS = 50;
const BLACK_LOOK_MS = 4_000;
const OWN_TRIES = 2;

export function publish(
  whip: string,
  first: Tracks,
  tell: (state: PublisherState) => void,
  parts: PublisherParts = REAL,
): Publisher {
  const { clock } = parts;
  const tracks: Tracks = { ...first };
  const stopping = new AbortController();
  const { signal } = stopping;
  const retries = new Retries(400, 5_000, clock.random);
  let session: WhipSession | null = null;
  let since: number | null = null;
  let why: Hindrance | null = null;
  let refusals = 0;
  let failures = 0;
  let pathless = 0;
  let avoid: string | null = null; // a codec that made no frames
  let tries = 0;
  let renewed = false; // somebody asked for another session
  let unfit: MediaStreamTrack | null = null; // a new session could not carry it either
  let asked = 0; // milliseconds that the server wants us to wait
  let hurried = false;
  let told = "";
  let before = { bytes: 0, at: 0 };

  function say(state: PublisherState): void {
    const text = JSON.stringify(state);
    if (text === told) return;
    told = text;
    tell(state);
  }

  const away = () => say(since === null ? { kind: "connecting", why } : { kind: "reconnecting", since, why });
  const idle = () => !isDelivering(tracks.video) && !isDelivering(tracks.audio);

  async function run(): Promise<void> {
    for (;;) {
      away();
      let wait: number;
      try {
        session = await parts.connect(whip, tracks, avoid, signal);
        refusals = 0;
        asked = 0;
        wait = await follow(session);
      } catch (error) {
        if (signal.aborted) return session?.close();
        wait = refused(error);
        if (refusals >= 2) return say({ kind: "refused" });
      }
      session?.close();
      session = null;
      if (signal.aborted) return;
      away();
      await pause(wait);
    }
  }

  /** Answers how long to wait after an attempt that failed. */
  function refused(error: unknown): number {
    const known = error instanceof SignallingError ? error : null;
    // of a publisher's address that says nothing
    const cause = known === null || known.why === "not-live" ? unexplained() : known.why;
    asked = known?.retryAfter ?? 0;
    failures += 1;
    const final = cause === "refused" || cause === "gone";
    if (final) refusals += 1;
    // what may be over in a moment is not worth a word yet
    if (failures > 1 || !(final || isPassing(cause))) why = cause;
    return final || isPassing(cause) ? retries.soon(asked) : retries.later(cause, asked);
  }

  /** Waits; less if there is something to send at last or somebody changed something, but as the server asked. */
  async function pause(wait: number): Promise<void> {
    const began = clock.now();
    const wasIdle = idle();
    hurried = false;
    while (clock.now() - began < wait) {
      if (clock.now() - began >= asked && (hurried || (wasIdle && !idle()))) return;
      await clock.sleep(Math.min(LOOK_MS, Math.ceil(began + wait - clock.now())), signal);
    }
  }

  /** Follows a session to its end; answers how long to wait then. */
  async function follow(now: WhipSession): Promise<number> {
    if (!(await connected(now))) return withoutPath(now.hasPath());
    pathless = 0;
    failures = 0;
    why = null;
    renewed = false;
    since ??= Date.now();
    return untilLost(now, since);
  }

  async function connected(now: WhipSession): Promise<boolean> {
    // a path that is only slow must be found at last
    const until = clock.now() + (pathless < 2 ? PATH_MS : 2 * PATH_MS);
    while (clock.now() < until && !now.failed()) {
      if (now.connected()) return true;
      await clock.sleep(FIRST_LOOK_MS, signal);
    }
    return false;
  }

  function withoutPath(found: boolean): number {
    failures += 1;
    pathless = found ? 0 : pathless + 1;
    if (pathless < 2 && failures < 2) return retries.soon();
    why = pathless >= 2 ? "blocked" : "busy";
    return retries.later("busy");
  }

  /** Returns when the connection is lost, does not do, or the server no longer says that it receives. */
  async function untilLost(now: WhipSession, from: number): Promise<number> {
    const watch = new OutgoingWatch(clock.now());
    const began = clock.now();
    let good = began;
    let lookedAt = began;
    for (;;) {
      const fits = await carried(now);
      const counts = await now.outgoing();
      signal.throwIfAborted();
      const at = clock.now();
      if (now.connected()) good = at;
      const due = dueOf(tracks.video, parts.excused());
      const sight = watch.look(counts, at, due);
      if (now.failed() || !fits || at - good > LOST_MS || watch.silence > SILENT_MS) {
        return idle() ? retries.later("busy") : retries.soon();
      }
      if (renewed || (sight === "stuck" && tries < OWN_TRIES)) return another(counts.codec, sight);
      if (at - began > PROVED_MS && !idle()) retries.reset();
      if (at - began > RECOVERED_MS && sight === "fine" && due !== "none") tries = 0;
      say({ kind: "live", since: from, sight });
      if (due !== "none" && at - lookedAt > BLACK_LOOK_MS && tracks.video !== null) {
        lookedAt = at;
        void parts.isBlack(tracks.video).then(watch.seen.bind(watch));
      }
      await clock.sleep(LOOK_MS, signal);
    }
  }

  /** Another session at once, since this one makes no frames, or somebody wants one. */
  function another(codec: string | null, sight: Sight): number {
    if (!renewed) tries += 1;
    renewed = false;
    if (sight === "stuck") avoid = codec;
    return 0;
  }

  async function carried(now: WhipSession): Promise<boolean> {
    const { video } = tracks;
    if (await now.carry(tracks)) return true;
    if (unfit === video) return true;
    unfit = video;
    return false;
  }

  const hurry = () => {
    hurried = true;
  };
  addEventListener("online", hurry);
  run().catch(() => {
    // stopped
  });

  return {
    async replace(kind, track) {
      tracks[kind] = track;
      if (kind === "video") tries = 0;
      hurry();
      await session?.carry(tracks);
    },
    renew() {
      renewed = true;
      hurry();
    },
    async sent() {
      if (session === null) return null;
      const { bytes, at, fps, height } = await session.outgoing();
      const seconds = (at - before.at) / 1000;
      const kbps = (8 * (bytes - before.bytes)) / 1000 / seconds;
      before = { bytes, at };
      return { fps, height, kbps: Math.max(0, Math.round(kbps)) };
    },
    stop() {
      removeEventListener("online", hurry);
      stopping.abort();
      session?.close();
      session = null;
    },
  };
}
