/** Who is in a room by a class list's links, asked again and again while the page is seen. */
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../../api/client";
import { Backoff, sleep, tabVisible } from "../../base/time";
import { HostDesk, type Seen } from "../../playback/host-desk";

const EVERY_MS = 10_000;

export interface Desk {
  /** Null: not known yet. */
  seen: Seen | null;
  /** Why the last question has no answer; null: it has one. */
  failure: ApiError | null;
  /** Does something there, then asks at once. Whether it was done. */
  act(work: (desk: HostDesk, signal: AbortSignal) => Promise<unknown>): Promise<boolean>;
  /** Asks at once: something was withdrawn. */
  hurry(): void;
}

/** `told`: a change of the list was taken note of at the service. */
export function useDesk(base: string, room: string, list: string, told: () => void): Desk {
  const [seen, setSeen] = useState<Seen | null>(null);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const current = useRef<{ desk: HostDesk; wake: () => void; signal: AbortSignal } | null>(null);
  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const desk = new HostDesk(base, room, list);
    let early = new AbortController();
    current.current = { desk, signal, wake: () => early.abort() };
    const backoff = new Backoff(2_000, 30_000);
    void (async () => {
      for (;;) {
        early = new AbortController();
        let wait = EVERY_MS;
        try {
          const found = await desk.look(signal);
          signal.throwIfAborted();
          backoff.reset();
          setFailure(null);
          setSeen(found);
        } catch (error) {
          signal.throwIfAborted();
          const why = error instanceof ApiError ? error : new ApiError(0, "unreachable");
          wait = backoff.take(why.retryAfter);
          setFailure(why);
        }
        told();
        await sleep(wait, AbortSignal.any([signal, early.signal])).catch(() => signal.throwIfAborted());
        await tabVisible(signal);
      }
    })().catch(() => {
      // the page is left
    });
    return () => leaving.abort();
  }, [base, room, list]);

  async function act(work: (desk: HostDesk, signal: AbortSignal) => Promise<unknown>): Promise<boolean> {
    const now = current.current;
    if (now === null) return false;
    try {
      await work(now.desk, now.signal);
      return true;
    } catch (error) {
      if (!now.signal.aborted) setFailure(error instanceof ApiError ? error : new ApiError(0, "unreachable"));
      return false;
    } finally {
      now.wake();
    }
  }
  return { seen, failure, act, hurry: () => current.current?.wake() };
}
