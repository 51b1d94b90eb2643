/**
 * Starts pictures, and remembers those that a person has paused: nothing but that person starts them
 * again, whatever session or source comes meanwhile.
 */
const held = new WeakSet<HTMLVideoElement>();

export const personHolds = (video: HTMLVideoElement): boolean => held.has(video);

/** The person's own pause. */
export function hold(video: HTMLVideoElement): void {
  held.add(video);
  video.pause();
}

/** The person's own wish to go on. */
export function letGo(video: HTMLVideoElement): Promise<Started> {
  held.delete(video);
  return autoplay(video);
}

/** `refused`: only the person's own click starts it. `held`: the person has paused it. */
export type Started = "loud" | "silent" | "refused" | "held" | "replaced";

/** Starts a video element: with sound if the browser lets it be, else without. */
export async function autoplay(video: HTMLVideoElement): Promise<Started> {
  if (personHolds(video)) return "held";
  const loud = await attempt(video);
  if (loud !== "refused") return loud === "played" && video.muted ? "silent" : told(loud);
  if (video.muted) return "refused";
  video.muted = true;
  const silent = await attempt(video);
  // what a click then starts has its sound
  if (silent === "refused") video.muted = false;
  return silent === "played" ? "silent" : told(silent);
}

const told = (how: "played" | "refused" | "replaced"): Started => (how === "played" ? "loud" : how);

async function attempt(video: HTMLVideoElement): Promise<"played" | "refused" | "replaced"> {
  try {
    await video.play();
    return "played";
  } catch (error) {
    // anything else: another source was set meanwhile, which starts by itself
    return error instanceof DOMException && error.name === "NotAllowedError" ? "refused" : "replaced";
  }
}
