/**
 * Keeps a viewer watching a BROADCAST room, or a recording, by HLS. hls.js is loaded only here, and
 * only where it can work; elsewhere (an older iPhone) the browser plays HLS itself. It is the full
 * build, since Cloudflare keeps sound in a rendition of its own, which the light one cannot play.
 */
import { Backoff } from "../base/time";
import { autoplay } from "./autoplay";
import { askLifecycle, browserClock, lifecyclePause } from "./lifecycle";

export type HlsPhase =
  | { kind: "connecting" }
  | { kind: "waiting" }
  | { kind: "playing" }
  | { kind: "reconnecting" }
  | { kind: "unsupported" };

const NATIVE = "application/vnd.apple.mpegurl";
const PATIENCE_MS = 20_000;

/** Plays the live input `hls` in `video` whenever it is live, until `signal` aborts. */
export async function watchHls(
  hls: string,
  lifecycle: string,
  video: HTMLVideoElement,
  tell: (phase: HlsPhase) => void,
  signal: AbortSignal,
): Promise<void> {
  const clock = browserClock;
  const backoff = new Backoff(1_000, 10_000);
  let lastPlayed = -Infinity;
  tell({ kind: "connecting" });
  while (!signal.aborted) {
    const began = clock.now();
    for (;;) {
      const state = await askLifecycle(lifecycle, signal).catch(() => null);
      if (signal.aborted) return;
      if (state === null || state.live) break;
      tell(clock.now() - lastPlayed < PATIENCE_MS ? { kind: "reconnecting" } : { kind: "waiting" });
      await clock.sleep(lifecyclePause(clock.now() - began), signal).catch(() => {});
      await clock.tabVisible(signal).catch(() => {});
    }
    const how = await playHls(hls, video, () => tell({ kind: "playing" }), signal);
    if (signal.aborted) return;
    if (how === "unsupported") return tell({ kind: "unsupported" });
    if (how === "stopped") {
      lastPlayed = clock.now();
      backoff.reset();
    }
    tell({ kind: "reconnecting" });
    await clock.sleep(backoff.take(), signal).catch(() => {});
  }
}

/** Plays until the end or an error that hls.js cannot recover from: "stopped" if it ever played. */
export async function playHls(
  url: string,
  video: HTMLVideoElement,
  onPlaying: () => void,
  signal: AbortSignal,
): Promise<"stopped" | "failed" | "unsupported"> {
  let played = false;
  const playing = () => {
    played = true;
    onPlaying();
  };
  const ready = () => void autoplay(video);
  video.addEventListener("playing", playing, { signal });
  video.addEventListener("loadeddata", ready, { signal });
  try {
    const sources = "MediaSource" in window || "ManagedMediaSource" in window;
    if (sources && (await byLibrary(url, video, signal))) return played ? "stopped" : "failed";
    if (video.canPlayType(NATIVE) === "") return "unsupported";
    await native(url, video, signal);
  } finally {
    video.removeEventListener("playing", playing);
    video.removeEventListener("loadeddata", ready);
  }
  return played ? "stopped" : "failed";
}

function native(url: string, video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      video.removeAttribute("src");
      video.load();
      resolve();
    };
    video.addEventListener("error", done, { signal, once: true });
    video.addEventListener("ended", () => resolve(), { signal, once: true });
    signal.addEventListener("abort", done, { once: true });
    video.src = url;
  });
}

async function byLibrary(url: string, video: HTMLVideoElement, signal: AbortSignal): Promise<boolean> {
  const { default: Hls } = await import("hls.js");
  if (!Hls.isSupported()) return false;
  // no worker: it would have to be allowed to run from a blob
  const hls = new Hls({ enableWorker: false, liveSyncDurationCount: 2 });
  await new Promise<void>((resolve) => {
    let recovered = 0;
    signal.addEventListener("abort", () => resolve(), { once: true });
    video.addEventListener("ended", () => resolve(), { signal, once: true });
    hls.on(Hls.Events.ERROR, (_event, data) => {
      if (!data.fatal) return;
      if (data.type === Hls.ErrorTypes.MEDIA_ERROR && recovered++ < 2) hls.recoverMediaError();
      else resolve();
    });
    hls.loadSource(url);
    hls.attachMedia(video);
  });
  hls.destroy();
  return true;
}
