/**
 * A room as the API knows it, kept true without a reload.
 *
 * Promises: `unknown` and `unreachable` are asked again with growing waits, so a room that appears
 * later is shown. A room once seen stays shown while the API cannot be reached (`stale`), and is
 * never replaced by the answer of a process or cache that is behind.
 */
import { useEffect, useState } from "preact/hooks";
import { Backoff } from "../base/time";
import { ApiError, getRoom } from "./client";
import { liveQuery, type StreamSignal } from "./live-query";
import { Newest, type Outcome, type Waits } from "./polling";
import { Lately, withPresence } from "./presence";
import type { Presence, Room } from "./types";

const MOST_EARLY = 10; // answers in a row that are behind what was announced
const CONFIRM_MS = 1_000; // after a reorg: by then every process has seen it

export type RoomState =
  | { kind: "loading" }
  | { kind: "unknown" }
  | { kind: "unreachable" }
  | { kind: "known"; room: Room; stale: boolean };

/** `onAir`: whether it is on air, and who watches, is asked besides what the stream tells of it. */
export function watchRoom(id: string, tell: (state: RoomState) => void, onAir = false): () => void {
  const newest = new Newest();
  const lately = new Lately();
  const hurry = new Backoff(60, 500);
  let room: Room | null = null;
  let wanted = 0; // an event that the answer must have
  let early = 0;
  let confirm = false;

  /** The answer is behind: asks once more in a moment, for a while. */
  function behind(): Outcome {
    return early++ < MOST_EARLY ? { kind: "early", after: hurry.take() } : { kind: "told", news: false };
  }

  function take(told: Presence[]): void {
    lately.note(told);
    const after = room && withPresence(room, told);
    if (after === room || after === null) return;
    room = after;
    tell({ kind: "known", room, stale: false });
  }

  function hear(signal: StreamSignal): number | null {
    if (signal.kind === "presence") {
      take(signal.rooms);
      return null;
    }
    if (signal.kind === "position") {
      if (signal.room !== null) take([signal.room]);
      if (signal.room === null || signal.room.last_seq <= (room?.last_seq ?? 0)) return null;
      wanted = signal.room.last_seq;
    }
    if (signal.kind === "event") wanted = signal.seq ?? 0;
    if (signal.kind === "reset") {
      wanted = 0;
      newest.forget();
      confirm = true;
    }
    early = 0;
    hurry.reset();
    return 0;
  }

  async function ask(signal: AbortSignal): Promise<Outcome> {
    const askedAt = Date.now();
    try {
      const found = withPresence(await getRoom(id, signal, "no-store"), lately.since(askedAt));
      const block = found.index.block;
      const seq = room?.last_seq ?? 0;
      if (found.last_seq < seq && newest.isAfter(block)) return behind();
      newest.take(block, found.last_seq === seq);
      const news = found.last_seq !== seq || found.status !== room?.status;
      room = found;
      tell({ kind: "known", room, stale: false });
      query.listen();
      if (found.last_seq < wanted) return behind();
      if (confirm) {
        confirm = false;
        return { kind: "early", after: CONFIRM_MS };
      }
      early = 0;
      hurry.reset();
      return { kind: "told", news };
    } catch (error) {
      const { status, block, retryAfter } = error instanceof ApiError ? error : new ApiError(0, "");
      if (signal.aborted) return { kind: "failed", retryAfter: 0 };
      if (status === 404 && room !== null && newest.isAfter(block)) return behind();
      if (status === 404) tell({ kind: "unknown" });
      else if (room === null) tell({ kind: "unreachable" });
      else if (status !== 429) tell({ kind: "known", room, stale: true });
      return { kind: "failed", retryAfter };
    }
  }

  const query = liveQuery(id, { ask, hear, waits: () => waitsOf(room, Date.now() / 1000, onAir) });
  return query.stop;
}

/** What a room waits for; its time may run out, which no event tells. */
function waitsOf(room: Room | null, now: number, onAir: boolean): Waits {
  if (room === null || room.status === "pending") return "awaited";
  if (room.status === "active") return onAir || room.expirable || now >= room.expires_at ? "awaited" : "calm";
  return room.released && room.finality === "finalized" ? "settled" : "over";
}

export function useRoom(id: string, onAir = false): RoomState {
  const [state, setState] = useState<RoomState>({ kind: "loading" });
  useEffect(() => {
    setState({ kind: "loading" });
    return watchRoom(id, setState, onAir);
  }, [id, onAir]);
  return state;
}
