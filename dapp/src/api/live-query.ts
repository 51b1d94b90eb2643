/**
 * Keeps what is shown true: the API's event stream says when to ask, a `Poller` asks without it, too.
 *
 * Promises: asked at once after each opening of the stream, the first included, and when a tab is
 * looked at again. A stream that is lost, silent or never opens is opened anew, ever more rarely.
 * A hidden tab holds no stream: browsers allow only a few to one server, over all tabs.
 */
import { Backoff } from "../base/time";
import { type Outcome, Poller, type Waits } from "./polling";
import type { Presence, RoomEvent, StreamPosition } from "./types";

/** What the stream says. `seq`: an event's number, null where it is not known. */
export type StreamSignal =
  | { kind: "opened" }
  | { kind: "event"; seq: number | null }
  /** What holds now; of all rooms: null. */
  | { kind: "position"; room: StreamPosition["room"] }
  /** Who is on air has changed: of these rooms, and nothing of the chain. */
  | { kind: "presence"; rooms: Presence[] }
  | { kind: "reset" };

export interface LiveQuerySource {
  ask(signal: AbortSignal): Promise<Outcome>;
  waits(): Waits;
  /** Within how many milliseconds to ask because of `signal`; null: there is no need. */
  hear(signal: StreamSignal): number | null;
}

export interface LiveQuery {
  /** Begins to listen; again: nothing. */
  listen(): void;
  /** Asks now, as the person wants it. */
  ask(): void;
  stop(): void;
}

const HIDDEN_MS = 15_000;
const SILENT_MS = 45_000; // three beats
const STEADY_MS = 20_000; // a stream that lasted so long was a good one

export function liveQuery(room: string | null, subject: LiveQuerySource): LiveQuery {
  const address = `/api/livestream/stream${room === null ? "" : `?room_id=${room}`}`;
  const stopping = new AbortController();
  const poller = new Poller(() => subject.ask(stopping.signal), subject.waits);
  const backoff = new Backoff(2_000, 60_000);
  let listening = false;
  let source: EventSource | null = null;
  let openedAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined; // until it is silent, or is opened anew
  let hide: ReturnType<typeof setTimeout> | undefined;

  function open() {
    close();
    source = new EventSource(address);
    openedAt = Date.now();
    source.onopen = () => take({ kind: "opened" });
    source.onmessage = ({ data }) => take({ kind: "event", seq: seqOf(data) });
    source.addEventListener("position", ({ data }) => take({ kind: "position", room: roomOf(data) }));
    source.addEventListener("presence", ({ data }) => take({ kind: "presence", rooms: presenceOf(data) }));
    source.addEventListener("reset", () => take({ kind: "reset" }));
    source.addEventListener("ping", heard);
    source.onerror = again; // the browser's own retries would not grow
    timer = setTimeout(again, SILENT_MS);
  }

  function take(signal: StreamSignal) {
    // headers alone prove nothing: a proxy may hold back what follows
    if (signal.kind !== "opened") heard();
    const within = subject.hear(signal);
    if (within !== null) poller.soon(within);
  }

  function heard() {
    clearTimeout(timer);
    timer = setTimeout(again, SILENT_MS);
    if (Date.now() - openedAt >= STEADY_MS) backoff.reset();
    poller.heard();
  }

  function again() {
    close();
    poller.lost();
    timer = setTimeout(open, backoff.take() * (0.5 + Math.random()));
  }

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  function visibility() {
    clearTimeout(hide);
    if (document.visibilityState === "hidden") hide = setTimeout(close, HIDDEN_MS);
    else if (source === null && listening) open();
  }

  poller.begin(); // first: on return it asks before the stream is opened
  document.addEventListener("visibilitychange", visibility);
  return {
    listen() {
      if (listening || stopping.signal.aborted) return;
      listening = true;
      if (document.visibilityState !== "hidden") open();
    },
    ask: () => poller.soon(),
    stop() {
      stopping.abort();
      document.removeEventListener("visibilitychange", visibility);
      clearTimeout(hide);
      poller.stop();
      close();
    },
  };
}

function read(data: string): Partial<StreamPosition & RoomEvent & { rooms: Presence[] }> {
  try {
    return JSON.parse(data) ?? {};
  } catch {
    return {};
  }
}

function seqOf(data: string): number | null {
  const { seq } = read(data);
  return typeof seq === "number" ? seq : null;
}

const presenceOf = (data: string): Presence[] => {
  const { rooms } = read(data);
  return Array.isArray(rooms) ? rooms : [];
};

const roomOf = (data: string): StreamPosition["room"] => read(data).room ?? null;
