/**
 * Whether a live input is live, by Cloudflare's `/lifecycle`. Asked sparingly: often while a viewer
 * has just come or the broadcast has just stopped, ever more rarely after that, and not at all in a
 * hidden tab.
 *
 * Promises: true, false or null; whatever is refused, late, or no answer of the documented form is
 * null, which must never be shown as "not live".
 * Assumes: nothing about WHIP. Cloudflare does not say in writing that `/lifecycle` covers it, so
 * `false` about a WHIP input means something only after one of the same account was called live.
 */
import { recall, remember } from "../base/storage";
import { retryAfter, sleep, tabVisible, within } from "../base/time";

const LOOK_MS = 5_000;

export interface Lifecycle {
  /** null: not known. */
  live: boolean | null;
  /** Milliseconds that the server asks to wait; 0: it does not say. */
  retryAfter: number;
}

export async function askLifecycle(url: string, signal: AbortSignal): Promise<Lifecycle> {
  try {
    const answer = await fetch(url, { signal: within(LOOK_MS, signal), cache: "no-store" });
    if (!answer.ok) return { live: null, retryAfter: retryAfter(answer.headers) };
    const { live } = (await answer.json()) as { live?: unknown };
    return { live: typeof live === "boolean" ? live : null, retryAfter: 0 };
  } catch {
    signal.throwIfAborted();
    return { live: null, retryAfter: 0 };
  }
}

const knowing = (url: string) => `whip-lifecycle.${new URL(url).host}`;

/** Whether the `/lifecycle` at `url` has ever called a WHIP input live. */
export const knowsWhip = (url: string): boolean => recall(knowing(url)) !== null;

/** What its answer `live` about a WHIP input is worth. Its first "live" is remembered. */
export function believed(url: string, live: boolean | null, trusted = knowsWhip): boolean | null {
  if (live === true) remember(knowing(url), "yes");
  return live === false && !trusted(url) ? null : live;
}

const LAST: [number, number] = [Infinity, 15_000];
const PAUSES: [until: number, wait: number][] = [[15_000, 1_000], [300_000, 2_000], [1_800_000, 5_000], LAST];

/** Milliseconds until the next question, after so many milliseconds of waiting. */
export function lifecyclePause(waited: number, random: () => number = Math.random): number {
  const [, wait] = PAUSES.find(([until]) => waited < until) ?? LAST;
  return wait * (0.85 + 0.3 * random());
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
