/**
 * Asks the read API. Promises: an answer within its time, or an `ApiError` that says whether the
 * server answered (`status`) or could not be reached (`status` 0).
 */
import { type Backoff, retryAfter, sleep, tabVisible, within } from "../base/time";
import type {
  Channel,
  Config,
  EventList,
  Ingest,
  Problem,
  Recording,
  RecordingList,
  RoomAnswer,
  RoomEvent,
  RoomList,
} from "./types";

const PATIENCE_MS = 10_000;

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly slug: string,
    /** The index's block that it was answered at; 0: not told. */
    readonly block = 0,
    /** Milliseconds that the server asks to wait; 0: it does not say. */
    readonly retryAfter = 0,
    /** What else its problem document says. */
    readonly said: Readonly<Record<string, unknown>> = {},
  ) {
    super(`the server answered ${status} ${slug}`);
  }
}

/** `cache` "no-store": for whoever compares positions; a 304 would keep the old one. */
export async function getJson<T>(path: string, signal?: AbortSignal, cache: RequestCache = "default"): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      headers: { Accept: "application/json" },
      cache,
      signal: within(PATIENCE_MS, signal),
    });
    if (answer.ok) return (await answer.json()) as T;
  } catch (error) {
    signal?.throwIfAborted();
    throw new ApiError(0, error instanceof Error ? error.name : "unreachable");
  }
  throw await refusal(answer);
}

/** What an answer that is no success says. */
export async function refusal(answer: Response): Promise<ApiError> {
  const wait = retryAfter(answer.headers);
  try {
    const problem = (await answer.json()) as Partial<Problem>;
    return new ApiError(answer.status, problem.type?.split("#")[1] ?? "", problem.index?.block, wait, problem);
  } catch {
    return new ApiError(answer.status, "", 0, wait);
  }
}

/**
 * Asks until `ask` answers anything but null, with growing waits and at the server's pace; not in a
 * hidden tab, but for the first question.
 */
export async function askUntil<T>(ask: () => Promise<T | null>, backoff: Backoff, signal: AbortSignal): Promise<T> {
  for (;;) {
    let asked = 0;
    try {
      const found = await ask();
      if (found !== null) return found;
    } catch (error) {
      if (error instanceof ApiError) asked = error.retryAfter;
    }
    await sleep(backoff.take(asked), signal);
    await tabVisible(signal);
  }
}

const BASE = "/api/livestream";

export const getConfig = (signal?: AbortSignal) => getJson<Config>("/config.json", signal);

export const getRoom = (id: string, signal?: AbortSignal, cache?: RequestCache) =>
  getJson<RoomAnswer>(`${BASE}/rooms/${id}`, signal, cache);

export interface RoomFilter {
  /** Those on air now, in an order of their own. */
  live?: true | undefined;
  status?: string | undefined;
  host?: string | undefined;
  pending_host?: string | undefined;
  q?: string | undefined;
  cursor?: string | undefined;
  limit?: number;
}

export function getRooms(filter: RoomFilter, signal?: AbortSignal, cache?: RequestCache): Promise<RoomList> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) {
    if (value !== undefined && value !== "") query.set(name, String(value));
  }
  return getJson<RoomList>(`${BASE}/rooms?${query}`, signal, cache);
}

/** What a host's permanent link shows; a host without rooms is known, too. */
export const getChannel = (host: string, signal?: AbortSignal, cache?: RequestCache) =>
  getJson<Channel>(`${BASE}/hosts/${host}`, signal, cache);

/** Asks that a room be looked at soon. Best effort: what is refused or lost is made up for by the slow look. */
export function giveHint(id: string): void {
  void fetch(`${BASE}/rooms/${id}/hint`, { method: "POST", keepalive: true, signal: within(PATIENCE_MS) }).catch(
    () => {},
  );
}

/** All events of a room, in their order. */
export async function getEvents(id: string, signal?: AbortSignal, cache?: RequestCache): Promise<RoomEvent[]> {
  const all: RoomEvent[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "limit=100" : `limit=100&cursor=${cursor}`;
    const page = await getJson<EventList>(`${BASE}/rooms/${id}/events?${query}`, signal, cache);
    all.push(...page.events);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return all;
}

export async function getRecordings(id: string, signal?: AbortSignal): Promise<Recording[]> {
  const path = `${BASE}/rooms/${id}/recordings`;
  return (await getJson<RecordingList>(path, signal)).recordings;
}

/** Where the sealed credentials are on chain; null while they are not there for the current key. */
export async function getSealedPlace(id: string, signal?: AbortSignal): Promise<Ingest["sealed"] | null> {
  try {
    const path = `${BASE}/rooms/${id}/ingest`;
    return (await getJson<Ingest>(path, signal)).sealed;
  } catch (error) {
    if (error instanceof ApiError && error.status !== 0) return null;
    throw error;
  }
}
