/**
 * Whether a live input is live, by Cloudflare's `/lifecycle`. Asked sparingly: often while a viewer
 * has just come or the broadcast has just stopped, ever more rarely after that, and not at all in a
 * hidden tab.
 */
import { sleep, within } from "../base/time";

export interface Lifecycle {
  live: boolean;
  videoUID: string | null;
}

/** null: it could not be asked. */
export async function askLifecycle(url: string, signal: AbortSignal): Promise<Lifecycle | null> {
  try {
    const answer = await fetch(url, { signal: within(5_000, signal), cache: "no-store" });
    if (!answer.ok) return null;
    const body = (await answer.json()) as Partial<Lifecycle>;
    return { live: body.live === true, videoUID: body.videoUID ?? null };
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

const LAST: [number, number] = [Infinity, 15_000];
const PAUSES: [until: number, wait: number][] = [[15_000, 1_000], [300_000, 2_000], [1_800_000, 5_000], LAST];

/** Milliseconds until the next question, after so many milliseconds of waiting. */
export function lifecyclePause(waited: number, random: () => number = Math.random): number {
  const [, wait] = PAUSES.find(([until]) => waited < until) ?? LAST;
  return wait * (0.85 + 0.3 * random());
}

/** Resolves while the tab can be seen. */
export function tabVisible(signal: AbortSignal): Promise<void> {
  if (document.visibilityState === "visible") return Promise.resolve();
  return new Promise((resolve, reject) => {
    document.addEventListener("visibilitychange", look, { signal });
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    function look() {
      if (document.visibilityState !== "visible") return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    }
  });
}

export interface Clock {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  tabVisible(signal: AbortSignal): Promise<void>;
  random(): number;
}

export const browserClock: Clock = {
  now: () => performance.now(),
  sleep,
  tabVisible,
  random: Math.random,
};
