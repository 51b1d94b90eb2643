/**
 * What plays HLS in a video element: hls.js wherever it can (loaded only here; the full build, since
 * Cloudflare keeps sound in a rendition of its own, which the light one cannot play), else the
 * browser itself (an older iPhone).
 *
 * Promises: `over` tells why it ended, `look` what a watchdog needs, `close` leaves nothing behind. A private
 * room's token changes while it plays: hls.js asks for everything with the token of that moment, and the
 * picture goes on; the browser's own player gets a new source, and goes on as far behind live as it was.
 */
import { retryAfter } from "../base/time";
import type { PlayAddress } from "./address";
import { autoplay, type Started } from "./autoplay";

/** `status`: of the answer that ended it, 0 for none, null where no answer was to blame. */
export type HlsOver = { kind: "ended" } | { kind: "failed"; status: number | null; retryAfter: number };

export interface Look {
  /** Seconds played; what can be sought, to where live is. */
  at: number;
  start: number;
  edge: number;
  /** Seconds to the very end of what there is. */
  end: number;
  /** Seconds that have come and are still to be played. */
  ahead: number;
  /** Changes with each picture shown; null: it is sound alone. */
  frames: number | null;
  /** Changes with each change of the playlist; 0: there is none yet. */
  playlist: number;
  /** Milliseconds after which a living playlist has changed. */
  target: number;
}

export interface HlsPlayer {
  over(): HlsOver | null;
  /** Whether there is something to show, and what came of starting it. */
  started(): Started | null;
  look(): Look;
  seek(to: number): void;
  /** Cleans the decoder; nothing where there is no such thing. */
  recover(): void;
  close(): void;
}

/** null: this browser cannot play HLS. Throws where hls.js could not be loaded. */
export type OpenHls = (url: string, video: HTMLVideoElement, address: PlayAddress) => Promise<HlsPlayer | null>;

const NATIVE = "application/vnd.apple.mpegurl";
const NATIVE_TARGET_MS = 6_000;
const BACK_BUFFER_S = 60; // what was seen is loaded again when sought
const BEHIND_S = 10; // native: whoever is so far behind live went there
const LAG_S = 3; // native: so far behind the last segment is live

export const openHls: OpenHls = async (url, video, address) => {
  if ("MediaSource" in window || "ManagedMediaSource" in window) {
    const { default: Hls } = await import("hls.js");
    if (Hls.isSupported()) return library(Hls, url, video, address);
  }
  return video.canPlayType(NATIVE) === "" ? null : native(url, video, address);
};

/** What both have in common: starting, what is shown, and the end. */
function base(video: HTMLVideoElement) {
  let over: HlsOver | null = null;
  let started: Started | null = null;
  const listening = new AbortController();
  const { signal } = listening;
  const begin = () => {
    void autoplay(video).then((how) => {
      if (how !== "replaced") started = how;
    });
  };
  video.addEventListener("loadeddata", begin, { signal });
  video.addEventListener("ended", () => end({ kind: "ended" }), { signal });
  function end(how: HlsOver) {
    over ??= how;
  }
  // not every browser counts the frames of every source, nor tells of each; either is a sign of life
  let shown = 0;
  const count = () => {
    shown += 1;
    if (!signal.aborted) video.requestVideoFrameCallback?.(count);
  };
  count();
  function seen(): Pick<Look, "at" | "ahead" | "frames"> {
    const { currentTime: at, buffered, videoWidth } = video;
    let ahead = 0;
    for (let range = 0; range < buffered.length; range++) {
      ahead += Math.max(0, buffered.end(range) - Math.max(at, buffered.start(range)));
    }
    const frames = shown + (video.getVideoPlaybackQuality?.().totalVideoFrames ?? 0);
    return { at, ahead, frames: videoWidth === 0 ? null : frames };
  }
  return {
    end,
    signal,
    over: () => over,
    started: () => started,
    seen,
    seek(to: number) {
      video.currentTime = to;
    },
    close: () => listening.abort(),
  };
}

function seekable(video: HTMLVideoElement): [number, number] {
  const { seekable: ranges } = video;
  return ranges.length === 0 ? [0, 0] : [ranges.start(0), ranges.end(ranges.length - 1)];
}

type Library = typeof import("hls.js")["default"];

/** Asks for what hls.js wants where it is to be had now. An opened request is left as it is by hls.js. */
export const requestAt =
  (address: Pick<PlayAddress, "present">) =>
  (request: Pick<XMLHttpRequest, "open">, url: string): void => {
    const present = address.present(url);
    if (present !== url) request.open("GET", present, true);
  };

function library(Hls: Library, url: string, video: HTMLVideoElement, address: PlayAddress): HlsPlayer {
  const part = base(video);
  const hls = new Hls({
    enableWorker: false, // it would have to be allowed to run from a blob
    liveSyncDurationCount: 2,
    backBufferLength: BACK_BUFFER_S,
    xhrSetup: requestAt(address),
  });
  let playlist = 0;
  let target = NATIVE_TARGET_MS;
  let edge = 0;
  hls.on(Hls.Events.LEVEL_UPDATED, (_event, { details }) => {
    playlist = details.live ? details.endSN + (details.partList?.length ?? 0) / 1_000 : playlist + 1;
    target = 1_000 * details.targetduration;
    edge = details.edge;
  });
  let recovered = 0;
  hls.on(Hls.Events.ERROR, (_event, { fatal, type, details, response, networkDetails }) => {
    if (!fatal) return;
    const hopeless = details === Hls.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR;
    if (type === Hls.ErrorTypes.MEDIA_ERROR && !hopeless && recovered++ < 2) return hls.recoverMediaError();
    const failed = type === Hls.ErrorTypes.NETWORK_ERROR;
    part.end({ kind: "failed", status: failed ? (response?.code ?? 0) : null, retryAfter: asked(networkDetails) });
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    over: part.over,
    started: part.started,
    look: () => {
      const start = seekable(video)[0];
      return { ...part.seen(), start, edge: hls.liveSyncPosition ?? edge, end: edge, playlist, target };
    },
    seek: part.seek,
    recover: () => hls.recoverMediaError(),
    close() {
      part.close();
      hls.destroy();
    },
  };
}

/** `Retry-After` of the request behind an error of hls.js. */
function asked(details: unknown): number {
  if (!(details instanceof XMLHttpRequest)) return 0;
  // a header that may not be read is asked for in vain, with a warning in the console
  if (!/^retry-after:/im.test(details.getAllResponseHeaders())) return 0;
  return retryAfter(new Headers({ "Retry-After": details.getResponseHeader("Retry-After") ?? "" }));
}

/** Exported for its test. */
export function native(url: string, video: HTMLVideoElement, address: PlayAddress): HlsPlayer {
  const part = base(video);
  // the element does not say what the server answered
  video.addEventListener("error", () => part.end({ kind: "failed", status: null, retryAfter: 0 }), {
    signal: part.signal,
  });
  video.src = url;
  const unfollow = address.follow(() => {
    const present = address.present(url);
    if (present === video.src) return;
    const behind = seekable(video)[1] - LAG_S - video.currentTime;
    const back = () => {
      const [start, end] = seekable(video);
      if (behind > BEHIND_S && end > 0) video.currentTime = Math.max(start, end - LAG_S - behind);
    };
    video.addEventListener("loadeddata", back, { once: true, signal: part.signal });
    // live by itself: a new source starts at the newest segments
    video.src = present;
  });
  return {
    over: part.over,
    started: part.started,
    look: () => {
      const [start, end] = seekable(video);
      return {
        ...part.seen(),
        start,
        edge: Math.max(start, end - LAG_S),
        end,
        playlist: end,
        target: NATIVE_TARGET_MS,
      };
    },
    seek: part.seek,
    recover() {},
    close() {
      unfollow();
      part.close();
      video.removeAttribute("src");
      video.load();
    },
  };
}
