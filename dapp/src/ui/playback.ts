/**
 * Whether a video plays, and what the person can do about it.
 *
 * Promises: a picture that stands because the person, the browser or the system paused it is noticed,
 * by events or within a second without them; only a person starts it again.
 */
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { hold, letGo, personHolds } from "../stream/autoplay";

/** An iPhone knows full screen and picture in picture by names of its own. */
export type AppleVideo = HTMLVideoElement & {
  webkitEnterFullscreen?: () => void;
  webkitExitFullscreen?: () => void;
  webkitDisplayingFullscreen?: boolean;
  webkitSupportsPresentationMode?: (mode: string) => boolean;
  webkitPresentationMode?: string;
  webkitSetPresentationMode?: (mode: string) => void;
};
type AppleFrame = HTMLElement & { webkitRequestFullscreen?: () => void };
type AppleDocument = Document & {
  webkitFullscreenEnabled?: boolean;
  webkitFullscreenElement?: Element | null;
  webkitExitFullscreen?: () => void;
};

export interface Playback {
  /** Who stopped it: the person, or somebody else (also a browser that wants a click first). */
  stopped: "person" | "other" | null;
  muted: boolean;
  volume: number;
  full: boolean;
}

const LOOK_MS = 1_000;
const EVENTS = ["play", "playing", "pause", "volumechange", "emptied", "loadeddata"];

export function usePlayback(video: RefObject<HTMLVideoElement | null>): Playback {
  const [state, setState] = useState<Playback>({ stopped: null, muted: false, volume: 1, full: false });
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    const look = () => {
      const loaded = element.readyState >= element.HAVE_METADATA;
      const stopped = personHolds(element) ? "person" : loaded && element.paused && !element.ended ? "other" : null;
      const now = { stopped, muted: element.muted, volume: element.volume, full: fullScreen() !== null } as const;
      setState((before) => (JSON.stringify(before) === JSON.stringify(now) ? before : now));
    };
    const listening = new AbortController();
    const { signal } = listening;
    for (const event of EVENTS) element.addEventListener(event, look, { signal });
    for (const event of ["fullscreenchange", "webkitfullscreenchange"]) {
      document.addEventListener(event, look, { signal });
    }
    const timer = setInterval(look, LOOK_MS);
    return () => {
      listening.abort();
      clearInterval(timer);
    };
  }, []);
  return state;
}

/** Play or pause, as the person wishes; `toLive` is where playing goes on. */
export function togglePlay(video: HTMLVideoElement, toLive?: () => void): void {
  if (!video.paused && !personHolds(video)) hold(video);
  else {
    toLive?.();
    void letGo(video);
  }
}

export function setSound(video: HTMLVideoElement, volume: number): void {
  video.volume = volume;
  video.muted = volume === 0;
}

export function toggleSound(video: HTMLVideoElement): void {
  video.muted = !video.muted;
  if (!video.muted && video.volume === 0) video.volume = 1;
}

const page = () => document as AppleDocument;
const fullScreen = () => page().fullscreenElement ?? page().webkitFullscreenElement ?? null;

/** Whether the picture may have the whole screen; a frame of another site may have forbidden it. */
export function canFull(video: HTMLVideoElement | null): boolean {
  const element = page().fullscreenEnabled || page().webkitFullscreenEnabled === true;
  return element || (window.top === window && (video as AppleVideo | null)?.webkitEnterFullscreen !== undefined);
}

export function toggleFull(frame: AppleFrame, video: AppleVideo): void {
  if (fullScreen() !== null) {
    if (document.exitFullscreen) void document.exitFullscreen().catch(() => {});
    else page().webkitExitFullscreen?.();
  } else if (document.fullscreenEnabled) void frame.requestFullscreen().catch(() => {});
  else if (frame.webkitRequestFullscreen) frame.webkitRequestFullscreen();
  else video.webkitEnterFullscreen?.();
}

/** An iPhone's own full screen has no words of ours: without a picture it is left. */
export function leaveNativeFull(video: AppleVideo): void {
  if (video.webkitDisplayingFullscreen) video.webkitExitFullscreen?.();
}

const PIP = "picture-in-picture";

export function canFloat(video: AppleVideo | null): boolean {
  if (video === null) return false;
  if (document.pictureInPictureEnabled) return true;
  // a frame that another site embeds may not, where the standard's name is missing
  return document.pictureInPictureEnabled === undefined && video.webkitSupportsPresentationMode?.(PIP) === true;
}

/** The picture in a window of its own, over other apps. */
export function toggleFloat(video: AppleVideo): void {
  if (document.pictureInPictureEnabled) {
    const floats = document.pictureInPictureElement === video;
    void (floats ? document.exitPictureInPicture() : video.requestPictureInPicture()).catch(() => {});
  } else video.webkitSetPresentationMode?.(video.webkitPresentationMode === PIP ? "inline" : PIP);
}

/** A window of its own has no words either. */
export function leaveFloat(video: AppleVideo): void {
  if (document.pictureInPictureElement === video) void document.exitPictureInPicture().catch(() => {});
  else if (video.webkitPresentationMode === PIP) video.webkitSetPresentationMode?.("inline");
}

/** Whether a page may set the volume; on an iPhone its buttons alone do, and what is set is undone. */
export async function canSetVolume(): Promise<boolean> {
  const probe = document.createElement("video");
  probe.volume = 0.5;
  await new Promise((resolve) => setTimeout(resolve));
  return probe.volume === 0.5;
}
