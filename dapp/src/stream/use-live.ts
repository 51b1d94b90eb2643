/**
 * Whether the rooms of a list are live: asked of `/lifecycle` only for those that can be seen, one
 * question each half minute, and a few at a time. Promises: true, false or null (not known), never
 * wrong for longer than one look; what could not be seen for a while is asked at once, and is not
 * known until then.
 */

import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Room } from "../api/types";
import { askLifecycle, believed, browserClock, type Clock, knowsWhip, type Lifecycle } from "./lifecycle";

const EVERY_MS = 30_000;
const AT_ONCE = 4;

let running = 0;
const queue: (() => void)[] = [];

async function slot<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => queue.push(resolve));
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
    queue.shift()?.();
  }
}

interface LiveParts {
  lifecycle: (url: string, signal: AbortSignal) => Promise<Lifecycle>;
  trusted: (url: string) => boolean;
  clock: Clock;
}

/** Tells whether the input at `url` is live until `signal` aborts. */
export async function followLive(
  url: string,
  whip: boolean,
  tell: (live: boolean | null) => void,
  every: number,
  signal: AbortSignal,
  { lifecycle, trusted, clock }: LiveParts,
): Promise<void> {
  while (!signal.aborted) {
    const asked = clock.now();
    await clock.tabVisible(signal).catch(() => {});
    if (signal.aborted) return;
    if (clock.now() - asked > every) tell(null); // it was hidden
    const { live, retryAfter } = await lifecycle(url, signal).catch(() => ({ live: null, retryAfter: 0 }));
    if (signal.aborted) return;
    tell(whip ? believed(url, live, trusted) : live);
    await clock.sleep(Math.max(retryAfter, every * (0.9 + 0.2 * clock.random())), signal).catch(() => {});
  }
}

export function useLive(room: Room, every = EVERY_MS): [boolean | null, RefObject<HTMLDivElement | null>] {
  const element = useRef<HTMLDivElement>(null);
  const [live, setLive] = useState<boolean | null>(null);
  const [visible, setVisible] = useState(false);
  const url = room.playback?.lifecycle_url ?? null;

  useEffect(() => {
    if (element.current === null || url === null) return;
    const observer = new IntersectionObserver((entries) => {
      setVisible(entries.some((entry) => entry.isIntersecting));
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [url]);

  useEffect(() => {
    setLive(null);
    if (!visible || url === null) return;
    const stopping = new AbortController();
    void followLive(url, room.mode === "webrtc", setLive, every, stopping.signal, {
      lifecycle: (asked, signal) => slot(() => askLifecycle(asked, signal)),
      trusted: knowsWhip,
      clock: browserClock,
    });
    return () => stopping.abort();
  }, [visible, url, room.mode, every]);

  return [live, element];
}
