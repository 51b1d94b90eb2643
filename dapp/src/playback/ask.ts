/**
 * One question to the playback service of a room's operator.
 *
 * Promises: an answer within its time, or an `ApiError` that says whether the service answered (`status`) or
 * could not be reached (`status` 0). What is secret travels in a body or the Authorization header, never in an
 * address; no cookie is sent.
 */
import { ApiError, refusal } from "../api/client";
import { within } from "../base/time";

const PATIENCE_MS = 10_000;

export interface Asking {
  signal: AbortSignal;
  /** Sent as JSON by POST; without it, the question is a GET. */
  body?: object;
  /** The bearer. */
  session?: string;
}

/** `base`: the service's address, from the page's configuration; `path`: below /api/playback. */
export async function askService<T>(base: string, path: string, { signal, body, session }: Asking): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (session !== undefined) headers.Authorization = `Bearer ${session}`;
  let answer: Response;
  try {
    answer = await fetch(`${serviceRoot(base)}${path}`, {
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
      headers,
      credentials: "omit",
      cache: "no-store",
      signal: within(PATIENCE_MS, signal),
    });
    if (answer.ok) return (await answer.json()) as T;
  } catch {
    signal.throwIfAborted();
    throw new ApiError(0, "unreachable");
  }
  throw await refusal(answer);
}

export const serviceRoot = (base: string): string => `${base.replace(/\/$/, "")}/api/playback`;
