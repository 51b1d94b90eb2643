/**
 * What Cloudflare kept of a BROADCAST room. Nothing signals a new recording, so it is asked for:
 * often in the minutes after a room's end, when its last one is noted, every two minutes otherwise,
 * and never in a hidden tab. What was found stays while the API cannot be reached.
 */
import { useEffect, useState } from "preact/hooks";
import { ApiError, getRecordings } from "./client";
import { type Outcome, Poller } from "./polling";
import type { Recording, Room } from "./types";

export type Playable = Recording & { hls_url: string };

const NOTED_SECONDS = 600; // by then the last one is known

/** Tells the recordings that play without a token, newest first, whenever they are asked for. */
export function watchRecordings(room: Room, tell: (found: Playable[]) => void): () => void {
  const stopping = new AbortController();
  let before = "";

  async function ask(): Promise<Outcome> {
    try {
      const all = await getRecordings(room.room_id, stopping.signal);
      tell(all.filter((one): one is Playable => one.hls_url !== null));
      const now = JSON.stringify(all);
      const news = now !== before;
      before = now;
      return { kind: "told", news };
    } catch (error) {
      return { kind: "failed", retryAfter: error instanceof ApiError ? error.retryAfter : 0 };
    }
  }

  const justEnded = () => room.end !== null && Date.now() / 1000 - room.end.at < NOTED_SECONDS;
  const poller = new Poller(ask, () => (justEnded() ? "awaited" : "over"));
  poller.begin();
  return () => {
    stopping.abort();
    poller.stop();
  };
}

export function useRecordings(room: Room): Playable[] {
  const [found, setFound] = useState<Playable[]>([]);
  useEffect(() => watchRecordings(room, setFound), [room.room_id, room.status, room.released]);
  return found;
}
