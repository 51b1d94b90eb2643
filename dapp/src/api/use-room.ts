/**
 * A room as the API knows it, kept up to date without a reload.
 *
 * Promises: `unknown` and `unreachable` are asked again with growing waits, so a room that appears
 * later is shown. A room once seen stays shown while the API cannot be reached (`stale`).
 */
import { useEffect, useState } from "preact/hooks";
import { Backoff } from "../base/time";
import { ApiError, getRoom } from "./client";
import { follow } from "./feed";
import type { Room } from "./types";

const EARLY_MS = 60;
const MOST_EARLY = 30;

export type RoomState =
  | { kind: "loading" }
  | { kind: "unknown" }
  | { kind: "unreachable" }
  | { kind: "known"; room: Room; stale: boolean };

export function watchRoom(id: string, tell: (state: RoomState) => void): () => void {
  const stopping = new AbortController();
  const backoff = new Backoff(600, 15_000);
  let room: Room | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = false;
  let again = false;
  let wanted = 0; // an event that the answer must have
  let early = 0; // answers in a row that did not have it yet
  const nothing = () => {};
  let unfollow = nothing; // a room that is not known has no stream yet

  async function ask() {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    clearTimeout(timer);
    do {
      again = false;
      await once();
    } while (again && !stopping.signal.aborted);
    asking = false;
  }

  async function once() {
    try {
      room = await getRoom(id, stopping.signal);
      if (unfollow === nothing) {
        unfollow = follow(id, (seq) => {
          wanted = seq ?? 0;
          early = 0;
          void ask();
        });
        again = true; // what happened between the answer and the stream
      }
      backoff.reset();
      if (room.last_seq < wanted && early++ < MOST_EARLY) timer = setTimeout(ask, EARLY_MS);
      tell({ kind: "known", room, stale: false });
    } catch (error) {
      if (stopping.signal.aborted) return;
      const gone = error instanceof ApiError && error.status === 404;
      if (room !== null && !gone) tell({ kind: "known", room, stale: true });
      else tell({ kind: gone ? "unknown" : "unreachable" });
      timer = setTimeout(ask, backoff.take());
    }
  }

  void ask();
  return () => {
    stopping.abort();
    clearTimeout(timer);
    unfollow();
  };
}

export function useRoom(id: string): RoomState {
  const [state, setState] = useState<RoomState>({ kind: "loading" });
  useEffect(() => {
    setState({ kind: "loading" });
    return watchRoom(id, setState);
  }, [id]);
  return state;
}
