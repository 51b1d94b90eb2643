/** Something of the contract that a host's page shows, asked at `latest` again and again while the page is seen. */
import { useEffect, useState } from "preact/hooks";
import { sleep, tabVisible } from "../../base/time";
import type { CallTarget } from "../../contract/views";
import type { Host } from "../../wallet/use-host";

const SILENCE_MS = 6_000;
const EVERY_MS = 5_000;
const AGAIN_MS = 2_500; // where the node did not answer

export interface Reading<T> {
  /** What it was when it was last known; null: not known yet. */
  found: T | null;
  /** Whether the node is away: then it may be another now. */
  away: boolean;
}

/** `key` names what is asked, and when: another one asks anew. */
export function useReading<T>(
  host: Host,
  contract: string | null,
  ask: (at: CallTarget) => Promise<T>,
  key: string,
): Reading<T> {
  const [found, setFound] = useState<T | null>(null);
  const [away, setAway] = useState(false);
  const { read } = host;
  useEffect(() => {
    if (contract === null || read === null) return;
    const stopping = new AbortController();
    const { signal } = stopping;
    const silent = setTimeout(() => setAway(true), SILENCE_MS);
    void (async () => {
      for (;;) {
        const now = await ask({ request: read, contract, signal }).catch(() => null);
        signal.throwIfAborted();
        clearTimeout(silent);
        setAway(now === null);
        if (now !== null) setFound(now);
        await sleep(now === null ? AGAIN_MS : EVERY_MS, signal);
        await tabVisible(signal);
      }
    })().catch(() => {
      // no longer needed
    });
    return () => {
      stopping.abort();
      clearTimeout(silent);
    };
  }, [contract, read, key]);
  return { found, away };
}
