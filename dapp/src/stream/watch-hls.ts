/**
 * Keeps a viewer watching a BROADCAST room, or a recording, by HLS.
 *
 * Promises: the picture moves, or something is done and said. One that stands still is sought to
 * where live is, then its decoder is cleaned, then all is loaded anew (`reconnecting`); one whose
 * playlist has not changed for three target durations is loaded anew at once. What came twice and
 * did not become a picture is a format that this device cannot play: `trouble`, as is an answer that
 * refuses; either is asked slowly, and never before the server allows. A part of the page that cannot be
 * loaded is `unloaded`, and tried again. A picture that somebody paused, or nobody can see, is no fault.
 * Assumes: of `/lifecycle` only "live" is believed; whatever else it says is held against the manifest
 * itself (204: not live), at once at first, then now and then.
 */
import { within } from "../base/time";
import type { PlayAddress } from "./address";
import { type HlsOver, type HlsPlayer, type Look, type OpenHls, openHls as open } from "./hls-player";
import { askLifecycle, browserClock, type Clock, type Lifecycle, lifecyclePause } from "./lifecycle";
import { isPassing, Retries, type Trouble } from "./retries";
import { meaning } from "./signalling";

/** How far back one may go, and how far behind one is. */
export interface TimeLine {
  look(): Pick<Look, "at" | "start" | "edge">;
  seek(to: number): void;
}

export type HlsPhase =
  | { kind: "connecting" | "waiting" | "reconnecting" | "unloaded" }
  | { kind: "playing"; line: TimeLine }
  | { kind: "trouble"; why: Trouble };

export interface HlsParts {
  open: OpenHls;
  lifecycle: (url: string, signal: AbortSignal) => Promise<Lifecycle>;
  /** The status that the manifest is answered with; 0: no answer. */
  manifest: (url: string, signal: AbortSignal) => Promise<number>;
  clock: Clock;
  /** Whether the picture need not move. */
  excused: () => boolean;
}

export const realHlsParts = (video: HTMLVideoElement): HlsParts => ({
  open,
  lifecycle: askLifecycle,
  manifest: statusOf,
  clock: browserClock,
  excused: () => document.hidden || video.paused,
});

async function statusOf(url: string, signal: AbortSignal): Promise<number> {
  try {
    return (await fetch(url, { signal: within(MANIFEST_MS, signal), cache: "no-store" })).status;
  } catch {
    signal.throwIfAborted();
    return 0;
  }
}

const PATIENCE_MS = 20_000;
const LOOK_MS = 500;
const FIRST_MS = 20_000;
const BLIND_MS = 8_000; // with something to play
const STEP_MS = 4_000; // between one remedy and the next
const HEALED_MS = 15_000;
const STALE_TARGETS = 3;
const FROZEN_MS = 20_000; // until a frozen playlist is loaded anew
const FROZEN_MOST_MS = 60_000;
const BEHIND_S = 15; // whoever is so far behind went there
const JUMP_S = 3; // so much at once is no playing
const CAME_S = 0.5; // with so much to play, what stands is the decoder
const UNDECODED_TIMES = 2; // and for so long, as no single bad segment lasts: then it is the format
const UNDECODED_MS = 10_000;
const MANIFEST_MS = 5_000;
const PROBE_EVERY_MS = 12_000;

/**
 * Plays the live input `hls` in `video` whenever it is live, until `signal` aborts. `lifecycle` names the
 * input: no token.
 */
export async function watchHls(
  hls: PlayAddress,
  lifecycle: string,
  video: HTMLVideoElement,
  tell: (phase: HlsPhase) => void,
  signal: AbortSignal,
  parts: HlsParts,
): Promise<void> {
  const { clock } = parts;
  const retries = new Retries(1_000, 10_000, clock.random);
  let url = "";
  let refusedToken = false;
  let lastPlayed = -Infinity;
  let waitingSince: number | null = null;
  let troubled = false;
  let firstAt: number | null = null; // a player
  let frozen = 0; // a playlist that no longer changed; 0: none
  let frozenTurns = 0;
  let undecoded = 0; // players in a row whose picture did not come of what came
  let told: HlsPhase["kind"] | "" = "";
  say({ kind: "connecting" });
  while (!signal.aborted) {
    try {
      url = withDvr(await hls.fresh(refusedToken));
    } catch {
      // no token now: the page says why; asked again in a moment
      await clock.sleep(retries.soon(), signal).catch(() => {});
      continue;
    }
    refusedToken = false;
    if (!troubled) await untilLive();
    if (signal.aborted) return;
    let player: HlsPlayer | null = null;
    let wait = 0;
    try {
      player = await parts.open(hls.present(url), video, hls);
      if (player === null) {
        wait = trouble("unsupported");
      } else wait = await ended(await follow(player));
    } catch {
      say({ kind: "unloaded" });
      troubled = true;
      wait = retries.later("unreachable");
    }
    player?.close();
    if (!signal.aborted) await clock.sleep(wait, signal).catch(() => {});
  }

  function say(phase: HlsPhase): void {
    if (!signal.aborted && (phase.kind !== told || phase.kind === "trouble")) tell(phase);
    told = phase.kind;
  }

  function recently(): boolean {
    return clock.now() - lastPlayed < PATIENCE_MS;
  }

  function undecodable(): boolean {
    const since = Math.max(lastPlayed, firstAt ?? clock.now());
    return undecoded >= UNDECODED_TIMES && clock.now() - since >= UNDECODED_MS;
  }

  /** Nobody broadcasts, as far as is known. */
  function without(): void {
    say({ kind: recently() ? "reconnecting" : "waiting" });
  }

  /** Waits until the manifest is worth a player. */
  async function untilLive(): Promise<void> {
    waitingSince ??= clock.now();
    const began = waitingSince;
    let probed = -Infinity;
    while (!signal.aborted) {
      const state = await parts.lifecycle(lifecycle, signal).catch(() => UNKNOWN);
      if (signal.aborted || state.live === true) return;
      const pause = lifecyclePause(clock.now() - began, clock.random);
      if (clock.now() - probed > Math.max(PROBE_EVERY_MS, 4 * pause)) {
        probed = clock.now();
        const status = await parts.manifest(hls.present(url), signal).catch(() => 0);
        if (signal.aborted || status === 200) return;
        // the player then tells what is wrong
        if (status !== 204 && state.live === null) return;
      }
      without();
      await clock.sleep(Math.max(pause, state.retryAfter), signal).catch(() => {});
      if (signal.aborted) return;
      await clock.tabVisible(signal).catch(() => {});
    }
  }

  /** What an end is for the viewer; answers how long to wait. */
  async function ended(over: HlsOver | null): Promise<number> {
    let status = over?.kind === "failed" ? over.status : null;
    // no answer was to blame, as far as the player knows: the manifest's may be
    if (over?.kind === "failed" && status === null) {
      status = await parts.manifest(hls.present(url), signal).catch(() => 0);
      if (status === 200) {
        undecoded += 1;
        status = null;
      }
    }
    troubled = false;
    if (over?.kind !== "failed" || status === null) {
      if (undecodable()) return trouble("format");
      if (frozen > 0) without();
      else say({ kind: "reconnecting" });
      return retries.soon();
    }
    const why = status === 204 ? "not-live" : meaning(status);
    if (why === "not-live" || (isPassing(why) && recently())) {
      without();
      return retries.soon(over.retryAfter);
    }
    return trouble(why, over.retryAfter);
  }

  function trouble(why: Trouble, asked = 0): number {
    troubled = true;
    refusedToken = why === "refused";
    say({ kind: "trouble", why });
    return retries.later(why, asked);
  }

  /** Follows a player to its end; null: it stands still for good. */
  async function follow(player: HlsPlayer): Promise<HlsOver | null> {
    const began = clock.now();
    firstAt ??= began;
    let last = player.look();
    let movedAt = began;
    let changedAt = began;
    let remediedAt = began;
    let played = false;
    let parked = false;
    let remedies = 0;
    while (!signal.aborted) {
      const over = player.over();
      if (over !== null) return over;
      const look = player.look();
      const now = clock.now();
      const started = player.started();
      if (frozen > 0 && look.playlist === frozen) {
        // the broadcast itself stands: its last seconds are not played again and again
        if (!parked && started !== null) player.seek(look.end);
        parked ||= started !== null;
        without();
        if (now - began > Math.min(FROZEN_MOST_MS, FROZEN_MS * 2 ** frozenTurns)) {
          frozenTurns += 1;
          return null;
        }
        [last, movedAt, changedAt] = [player.look(), now, now];
        await clock.sleep(LOOK_MS, signal).catch(() => {});
        continue;
      }
      if (look.playlist > 0) [frozen, frozenTurns] = [0, 0];
      const moved = moves(last, look);
      if (look.playlist !== last.playlist) changedAt = now;
      if (moved || parts.excused()) movedAt = now;
      if (moved && now - remediedAt > HEALED_MS) [remedies, undecoded] = [0, 0];
      last = look;
      if (moved) {
        played = true;
        lastPlayed = now;
        waitingSince = null;
      }
      // where the browser or the person holds it, a click is what is missing
      if (started !== null && (moved || started === "refused" || started === "held")) {
        retries.reset();
        say({ kind: "playing", line: player });
      }
      const came = look.ahead > CAME_S;
      if (!played && started === null && now - began > (came ? BLIND_MS : FIRST_MS)) {
        if (came) undecoded += 1;
        return null;
      }
      if (started !== null && now - movedAt > STEP_MS) {
        if (!undecodable()) say({ kind: "reconnecting" });
        const stale = now - changedAt > STALE_TARGETS * look.target;
        if (stale) frozen = look.playlist;
        if (!stale && remedies >= 2 && came) undecoded += 1;
        if (stale || remedies >= 2) return null;
        if (remedies === 0 && look.edge - look.at < BEHIND_S) player.seek(look.edge);
        else player.recover();
        remedies += 1;
        [movedAt, remediedAt] = [now, now];
        last = { ...player.look(), playlist: look.playlist };
      }
      await clock.sleep(LOOK_MS, signal).catch(() => {});
    }
    return null;
  }
}

/** With the past: viewers can go back. */
function withDvr(hls: string): string {
  const url = new URL(hls);
  url.searchParams.set("dvrEnabled", "true");
  return url.href;
}

/** Whether it played from one look to the next: sound alone does not count where there is a picture. */
function moves(last: Look, look: Look): boolean {
  const shows = look.frames === null || look.frames !== last.frames;
  return shows && look.at > last.at && look.at - last.at < JUMP_S;
}

const UNKNOWN: Lifecycle = { live: null, retryAfter: 0 };

/** Plays a recording, again if asked, until `signal` aborts, it fails, or what came does not decode. */
export async function playHls(
  hls: PlayAddress,
  video: HTMLVideoElement,
  onPlaying: () => void,
  signal: AbortSignal,
  parts: HlsParts = realHlsParts(video),
): Promise<"stopped" | "failed"> {
  const player = await hls
    .fresh(false)
    .then((url) => parts.open(url, video, hls))
    .catch(() => null);
  if (player === null) return "failed";
  const { clock } = parts;
  let begun = false;
  let last = player.look();
  let fineAt = clock.now();
  while (!signal.aborted && player.over()?.kind !== "failed" && clock.now() - fineAt < BLIND_MS) {
    const look = player.look();
    if (moves(last, look) || look.ahead < CAME_S || parts.excused()) fineAt = clock.now();
    last = look;
    if (!begun && player.started() !== null) {
      begun = true;
      onPlaying();
    }
    await clock.sleep(LOOK_MS / 5, signal).catch(() => {});
  }
  player.close();
  return signal.aborted ? "stopped" : "failed";
}
