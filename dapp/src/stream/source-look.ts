/**
 * Whether a source's picture is wholly black: a covered lens, a camera that its own switch or another
 * program keeps dark. Promises: true, false, or null where it cannot be seen; one small frame is looked at,
 * and nothing runs between two looks.
 */
import { sleep } from "../base/time";

const WIDE = 32;
const HIGH = 18;
const BLACK = 20; // of 255: a camera in a dark room has more, by its noise alone
const PATIENCE_MS = 2_000;

export async function isBlack(track: MediaStreamTrack): Promise<boolean | null> {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  try {
    const loaded = new Promise((resolve) => {
      video.onloadeddata = resolve;
    });
    await Promise.race([video.play().then(() => loaded), sleep(PATIENCE_MS)]);
    return video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA ? null : isAllBlack(pixels(video));
  } catch {
    return null; // it was replaced, or may not play here
  } finally {
    video.srcObject = null;
  }
}

function pixels(video: HTMLVideoElement): Uint8ClampedArray {
  const canvas = document.createElement("canvas");
  canvas.width = WIDE;
  canvas.height = HIGH;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context?.drawImage(video, 0, 0, WIDE, HIGH);
  return context?.getImageData(0, 0, WIDE, HIGH).data ?? new Uint8ClampedArray();
}

/** `rgba`: four bytes a pixel; what has no pixel that can be seen is not known to be black. */
export function isAllBlack(rgba: Uint8ClampedArray): boolean | null {
  let opaque = false;
  for (let at = 0; at < rgba.length; at += 4) {
    opaque ||= rgba[at + 3] === 255;
    if (Math.max(rgba[at] ?? 0, rgba[at + 1] ?? 0, rgba[at + 2] ?? 0) > BLACK) return false;
  }
  return opaque ? true : null;
}
