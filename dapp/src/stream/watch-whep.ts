/**
 * Keeps a viewer watching a WEBRTC room.
 *
 * Promises: `tell` hears each phase once. While nobody broadcasts it waits (`waiting`); when frames
 * come, or a voice alone, it plays; when packets stop it says `reconnecting` and asks again with
 * growing waits. Packets that never become a picture are `dark`: the sound goes on, while a new
 * session, then another codec, then ever rarer sessions are tried. Where the server answers but no
 * media path is found twice in a row, it says `blocked` (UDP). A server that refuses is `trouble`,
 * asked slowly, and never before it allows. Every one of them ends by itself. Each session is asked for at
 * the address as it is then: a private room's has a token, which a refusal makes anew.
 * Assumes: of `/lifecycle` only "live" is believed at once. "Not live", and no answer, are held
 * against the WHEP address itself: at once at first, then now and then.
 */
import type { PlayAddress } from "./address";
import { personHolds } from "./autoplay";
import {
  askLifecycle,
  believed,
  browserClock,
  type Clock,
  knowsWhip,
  type Lifecycle,
  lifecyclePause,
} from "./lifecycle";
import { Picture, type Sight } from "./picture";
import { isPassing, Retries, type Trouble, unexplained } from "./retries";
import { PATH_MS, SignallingError } from "./signalling";
import { type ConnectWhep, connectWhep, type WhepSession } from "./whep-session";

export type WhepPhase =
  | { kind: "connecting" | "waiting" | "reconnecting" | "blocked" }
  | { kind: "playing"; stream: MediaStream; voice: boolean }
  /** `tries`: sessions given up for it so far. */
  | { kind: "dark"; stream: MediaStream; tries: number }
  | { kind: "trouble"; why: Trouble };

const FIRST_FRAME_MS = 8_000;
const PATIENCE_MS = 20_000;
const LOOK_MS = 400;
const FIRST_LOOK_MS = 50;
const PROBE_EVERY_MS = 12_000;
const TRUSTED_PROBE_MS = 60_000;
/** How much longer a session without a picture is kept, by the sessions before it. */
const DARK_PATIENCE_MS = [0, 0, 0, 20_000, 45_000];

export interface ViewerParts {
  connect: ConnectWhep;
  lifecycle: (url: string, signal: AbortSignal) => Promise<Lifecycle>;
  /** Whether `false` of `/lifecycle` means something here. */
  trusted: (url: string) => boolean;
  clock: Clock;
  /** Whether the picture need not move: it cannot be seen, or somebody paused it. */
  excused: () => boolean;
}

const REAL: Omit<ViewerParts, "excused"> = {
  connect: connectWhep,
  lifecycle: askLifecycle,
  trusted: knowsWhip,
  clock: browserClock,
};

export const realParts = (video: HTMLVideoElement): ViewerParts => ({
  ...REAL,
  excused: () => document.hidden || personHolds(video),
});

/** Runs until `signal` aborts. `lifecycle` names the input in what is remembered of it: no token. */
export async function watchWhep(
  whep: Pick<PlayAddress, "fresh">,
  lifecycle: string,
  tell: (phase: WhepPhase) => void,
  signal: AbortSignal,
  parts: ViewerParts,
): Promise<void> {
  const { clock } = parts;
  const retries = new Retries(400, 8_000, clock.random);
  let lastFrame = -Infinity;
  let waitingSince: number | null = null;
  let pathless = 0;
  let troubled = false;
  let refusedToken = false;
  let dark = 0;
  let avoid: string | null = null; // a codec that did not decode
  let askFirst = true;
  let told = "";
  say({ kind: "connecting" });
  for (let first = true; !signal.aborted; first = false) {
    if (askFirst && (first || clock.now() - lastFrame > PATIENCE_MS)) await untilLive(first);
    if (signal.aborted) return;
    let session: WhepSession | null = null;
    let wait = 0;
    try {
      const address = await whep.fresh(refusedToken);
      signal.throwIfAborted();
      session = await parts.connect(address, signal, avoid);
      troubled = refusedToken = false;
      wait = (await follow(session)) ?? retries.soon();
    } catch (error) {
      if (signal.aborted) return session?.close();
      wait = refused(error);
    }
    session?.close();
    if (signal.aborted) return;
    askFirst = pathless === 0 && dark === 0 && !troubled;
    await clock.sleep(wait, signal).catch(() => {});
  }

  function say(phase: WhepPhase): void {
    const { stream: _, ...rest } = { stream: null, ...phase };
    const now = JSON.stringify(rest);
    // each new session has a stream of its own
    if (now !== told) tell(phase);
    told = now;
  }

  /** What a refusal is for the viewer; answers how long to wait. */
  function refused(error: unknown): number {
    const { why, retryAfter } = error instanceof SignallingError ? error : { why: unexplained(), retryAfter: 0 };
    const recently = clock.now() - lastFrame <= PATIENCE_MS;
    troubled = why !== "not-live";
    refusedToken = why === "refused";
    if (why === "not-live") {
      pathless = 0;
      dark = 0;
      retries.answered();
      say({ kind: recently ? "reconnecting" : "waiting" });
      return retries.soon();
    }
    if (isPassing(why) && recently) {
      say({ kind: "reconnecting" });
      return retries.soon(retryAfter);
    }
    say({ kind: "trouble", why });
    return retries.later(why, retryAfter);
  }

  /** Waits until the input is worth a session. */
  async function untilLive(first: boolean): Promise<void> {
    waitingSince ??= clock.now();
    const began = waitingSince;
    const probed = clock.now();
    while (!signal.aborted) {
      const state = await parts.lifecycle(lifecycle, signal).catch(() => ({ live: null, retryAfter: 0 }));
      const live = believed(lifecycle, state.live, parts.trusted);
      if (signal.aborted || live === true) return;
      const trusted = live === false;
      if (first && !trusted) return;
      first = false;
      // either is known: by an answer that counts, or by the session that was just refused
      say({ kind: "waiting" });
      const pause = lifecyclePause(clock.now() - began, clock.random);
      await clock.sleep(Math.max(state.retryAfter, pause), signal).catch(() => {});
      if (signal.aborted) return;
      await clock.tabVisible(signal).catch(() => {});
      const due = Math.max(trusted ? TRUSTED_PROBE_MS : PROBE_EVERY_MS, 4 * pause);
      if (clock.now() - probed > due) return;
    }
  }

  /** Follows a session to its end; answers how long to wait then, null: as usual. */
  async function follow(session: WhepSession): Promise<number | null> {
    const picture = new Picture(DARK_PATIENCE_MS[Math.min(dark, DARK_PATIENCE_MS.length - 1)]);
    const began = clock.now();
    let seen: Sight = "none";
    let came = false; // any packet, which proves the path
    told = "";
    while (!signal.aborted && !session.failed()) {
      const received = await session.received();
      const now = clock.now();
      seen = picture.look(received, now, parts.excused());
      came ||= received.audio + received.video > 0;
      if (came) pathless = 0;
      if (seen === "picture" || seen === "voice") {
        waitingSince = null;
        lastFrame = now;
        retries.reset();
        // a voice alone proves nothing about the codec
        if (seen === "picture") [dark, avoid] = [0, null];
        say({ kind: "playing", stream: session.stream, voice: seen === "voice" });
      }
      if (seen === "dark" || seen === "hopeless") {
        lastFrame = now;
        say({ kind: "dark", stream: session.stream, tries: dark });
      }
      if (seen === "hopeless") {
        dark += 1;
        // first the same again, then another codec first, then by turns
        avoid = dark % 2 === 0 ? received.codec : null;
        return 0;
      }
      if (seen === "gone") break;
      if (!came && now - began > FIRST_FRAME_MS) break;
      if (!came && !session.connected() && now - began > PATH_MS) break;
      await clock.sleep(came && seen !== "none" ? LOOK_MS : FIRST_LOOK_MS, signal).catch(() => {});
    }
    if (signal.aborted) return null;
    if (!came && !session.connected()) pathless += 1;
    if (pathless >= 2) say({ kind: "blocked" });
    else if (dark === 0) say({ kind: "reconnecting" });
    return null;
  }
}
