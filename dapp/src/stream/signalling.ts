/**
 * The HTTP side of WHIP (RFC 9725) and WHEP: an offer is POSTed, the answer comes with the address
 * of the session, DELETE ends it. Promises: bounded waits; a session that was opened is closed even
 * if the page goes away.
 */
import { retryAfter, within } from "../base/time";

const PATIENCE_MS = 8_000;

/**
 * not-live: nobody broadcasts yet. refused: wrong or old credentials. gone: no such input. format: no
 * codec in common. crowded: too many questions. busy: the server cannot now.
 */
export type Refusal = "not-live" | "refused" | "gone" | "format" | "crowded" | "busy" | "unreachable";

export class SignallingError extends Error {
  constructor(
    readonly why: Refusal,
    readonly status: number,
    /** Milliseconds that the server asks to wait; 0: it does not say. */
    readonly retryAfter = 0,
  ) {
    super(`${why} (${status})`);
  }
}

/** Opens a session for `pc`'s transceivers; answers the address that ends it. */
export async function openSession(url: string, pc: RTCPeerConnection, signal: AbortSignal): Promise<string | null> {
  // Candidates are not waited for: the server is public and learns ours from the first packet.
  await pc.setLocalDescription(await pc.createOffer());
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/sdp", Accept: "application/sdp" },
      body: pc.localDescription?.sdp ?? "",
      signal: within(PATIENCE_MS, signal),
    });
  } catch {
    signal.throwIfAborted();
    throw new SignallingError("unreachable", 0);
  }
  if (answer.status !== 201) {
    throw new SignallingError(meaning(answer.status), answer.status, retryAfter(answer.headers));
  }
  const location = answer.headers.get("Location");
  const session = location === null ? null : new URL(location, url).href;
  try {
    const sdp = await answer.text();
    signal.throwIfAborted();
    await pc.setRemoteDescription({ type: "answer", sdp });
  } catch (error) {
    closeSession(session);
    throw error;
  }
  return session;
}

/** Ends a session; also while the page is being left. */
export function closeSession(session: string | null): void {
  if (session === null) return;
  fetch(session, { method: "DELETE", keepalive: true }).catch(() => {
    // the server notices by itself
  });
}

/** What an HTTP status means, of a session and of a manifest alike; 0: no answer. */
export function meaning(status: number): Refusal {
  if (status === 0) return "unreachable";
  if (status === 409) return "not-live";
  if (status === 401 || status === 403) return "refused";
  if (status === 404 || status === 405 || status === 410) return "gone";
  if (status === 406 || status === 415 || status === 488) return "format";
  return status === 429 ? "crowded" : "busy";
}
