/** The API and its event stream as a test plays them, in time that the test owns. */
import { afterEach, beforeEach, vi } from "vitest";
import type { Presence, Room, RoomAnswer } from "../src/api/types";
import { story } from "./vectors";

export const START = Date.UTC(2026, 10, 28) / 1000;
type Told = RoomAnswer & { events_told?: unknown[] };

interface Server {
  /** What the API would answer now. */
  room: Told | null;
  /** Answers of other paths, by what they begin with behind `/api/livestream`. */
  others: Map<string, unknown>;
  down: boolean;
  limited: boolean;
  /** When it was asked, in ms since the beginning. */
  asked: number[];
  /** Questions at the same time. */
  most: number;
}

export const server: Server = { room: null, others: new Map(), down: false, limited: false, asked: [], most: 0 };
export const listeners = new Set<() => void>();
let visibility: string;

export class Stream {
  static all: Stream[] = [];
  static CLOSED = 2;
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  private named = new Map<string, (event: { data: string }) => void>();
  constructor(readonly address: string) {
    Stream.all.push(this);
  }
  addEventListener(name: string, listener: (event: { data: string }) => void) {
    this.named.set(name, listener);
  }
  close() {
    this.readyState = 2;
  }
  open() {
    this.readyState = 1;
    this.onopen?.();
  }
  presence(...rooms: Presence[]) {
    this.hear("presence", { rooms });
  }
  hear(name: string, data: unknown = {}) {
    this.named.get(name)?.({ data: JSON.stringify(data) });
  }
  event(seq: number) {
    this.onmessage?.({ data: JSON.stringify({ seq }) });
  }
  position() {
    const { room } = server;
    this.hear("position", { room, index: room?.index });
  }
  fail() {
    this.readyState = 2;
    this.onerror?.();
  }
  static get last(): Stream {
    return Stream.all.at(-1) as Stream;
  }
  static get held(): number {
    return Stream.all.filter((one) => one.readyState !== 2).length;
  }
}

const UNKNOWN = { live: null, live_since: null, viewers: null };

export function room(status: Room["status"], seq: number, block: number, more: Partial<Room> = {}): Told {
  const position = { block, seq } as Told["index"];
  const times = { created_at: START, deadline_at: START + 600, expires_at: START + 86_400 };
  const rest = { end: null, released: false, expirable: false, finality: "confirmed", ...UNKNOWN };
  return { ...story.room, ...times, ...rest, status, last_seq: seq, ...more, index: position } as Told;
}

const answered = (status: number, body: unknown, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers });

beforeEach(() => {
  vi.useFakeTimers({ now: START * 1000 });
  server.others.clear();
  Object.assign(server, { room: room("pending", 5, 100), down: false, limited: false, asked: [], most: 0 });
  visibility = "visible";
  Stream.all = [];
  listeners.clear();
  let running = 0;
  vi.stubGlobal("EventSource", Stream);
  vi.stubGlobal("document", {
    get visibilityState() {
      return visibility;
    },
    get hidden() {
      return visibility === "hidden";
    },
    addEventListener: (_: string, listener: () => void) => listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
  });
  vi.stubGlobal("fetch", async (address: string) => {
    server.asked.push(Date.now() - START * 1000);
    server.most = Math.max(server.most, ++running);
    const { room: told, down, limited } = server; // as of the question
    const other = [...server.others].find(([path]) => address.startsWith(`/api/livestream${path}`));
    await new Promise((resolve) => setTimeout(resolve, 20));
    running -= 1;
    if (down) throw new TypeError("no network");
    if (limited) return answered(429, {}, { "Retry-After": "30" });
    if (other !== undefined) return answered(200, other[1]);
    if (told === null) return answered(404, { type: "/docs#room-unknown", index: { block: 1 } });
    if (address.includes("/events?")) return answered(200, { events: told.events_told, next_cursor: null });
    if (address.endsWith("/recordings")) return answered(200, { recordings: [] });
    if (!address.includes("/rooms?")) return answered(200, told);
    return answered(200, { rooms: [told], next_cursor: null, presence: "known", index: told.index });
  });
});

afterEach(() => {
  vi.useRealTimers();
});

export const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

export function look(next: string) {
  visibility = next;
  for (const listener of [...listeners]) listener();
}

/** Questions of the last so many seconds. */
export const lately = (seconds: number) =>
  server.asked.filter((at) => at > Date.now() - START * 1000 - seconds * 1000).length;

export async function working() {
  await pass(0.1);
  Stream.last.open();
  Stream.last.position();
  await pass(0.5);
}

/** A healthy stream's beats for so many seconds. */
export async function beats(seconds: number) {
  for (let gone = 0; gone < seconds; gone += 15) {
    await pass(15);
    Stream.last.hear("ping");
  }
}
