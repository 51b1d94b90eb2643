/**
 * Whether the rooms of a list are live: asked of `/lifecycle` only for those that can be seen, one
 * question each half minute, and a few at a time.
 */

import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Room } from "../api/types";
import { sleep } from "../base/time";
import { askLifecycle, tabVisible as tabSeen } from "./lifecycle";

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
    if (url === null) setLive(null);
    if (!visible || url === null) return;
    const stopping = new AbortController();
    void (async () => {
      while (!stopping.signal.aborted) {
        await tabSeen(stopping.signal);
        const state = await slot(() => askLifecycle(url, stopping.signal));
        setLive(state === null ? null : state.live);
        await sleep(every * (0.9 + 0.2 * Math.random()), stopping.signal);
      }
    })().catch(() => {
      // the card is gone
    });
    return () => stopping.abort();
  }, [visible, url, every]);

  return [live, element];
}
