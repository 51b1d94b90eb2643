/**
 * The HTTP side of WHIP (RFC 9725) and WHEP: an offer is POSTed, the answer comes with the address
 * of the session, DELETE ends it. Promises: bounded waits; a session that was opened is closed even
 * if the page goes away, or if its answer is none; STUN and TURN servers that come with the answer are
 * used.
 */
import { retryAfter, within } from "../base/time";
import { iceServers } from "./link-header";

const PATIENCE_MS = 8_000;
/** How long ICE may take: a server that answers, but twice in a row gives no path in time, is behind something that blocks UDP. */
export const PATH_MS = 6_000;

/**
 * not-live: nobody broadcasts yet. refused: wrong or old credentials. gone: no such input. format: no
 * codec in common. crowded: too many questions. busy: the server cannot now. foreign: what answers does
 * not speak WHIP or WHEP, though it does not refuse.
 */
export type Refusal = "not-live" | "refused" | "gone" | "format" | "crowded" | "busy" | "unreachable" | "foreign";

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

/** A session that a server has opened for a peer connection. */
export interface OpenSession {
  /** Whether ICE has found a way to the server, whatever came of it. */
  hasPath(): boolean;
  /** Whether media may flow. */
  connected(): boolean;
  failed(): boolean;
  close(): void;
}

/** Opens a session for `pc`'s transceivers; if that fails, `pc` is closed. */
export async function openSession(url: string, pc: RTCPeerConnection, signal: AbortSignal): Promise<OpenSession> {
  let address: string | null;
  try {
    address = await negotiate(url, pc, signal);
  } catch (error) {
    pc.close();
    throw error;
  }
  const leave = () => endSession(address);
  addEventListener("pagehide", leave);
  return {
    hasPath: () => pc.iceConnectionState === "connected" || pc.iceConnectionState === "completed",
    connected: () => pc.connectionState === "connected",
    failed: () => pc.connectionState === "failed" || pc.connectionState === "closed",
    close() {
      removeEventListener("pagehide", leave);
      leave();
      pc.close();
    },
  };
}

/** Offer and answer; gives the address that ends the session. */
async function negotiate(url: string, pc: RTCPeerConnection, signal: AbortSignal): Promise<string | null> {
  const offer = await pc.createOffer();
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/sdp", Accept: "application/sdp" },
      body: offer.sdp ?? "",
      signal: within(PATIENCE_MS, signal),
    });
  } catch {
    signal.throwIfAborted();
    throw new SignallingError("unreachable", 0);
  }
  const address = answer.ok ? addressOf(answer, url) : null;
  try {
    if (answer.status !== 201) {
      throw new SignallingError(meaning(answer.status), answer.status, retryAfter(answer.headers));
    }
    const sdp = await answer.text().catch(() => {
      signal.throwIfAborted();
      throw new SignallingError("unreachable", 0);
    });
    signal.throwIfAborted();
    useIceServers(pc, answer.headers.get("Link"));
    // Only now, since it begins the search for candidates, which uses the servers known by then. None
    // is waited for: the server is public and learns ours from the first packet.
    await pc.setLocalDescription(offer);
    await pc.setRemoteDescription({ type: "answer", sdp }).catch(() => {
      signal.throwIfAborted();
      throw new SignallingError("foreign", answer.status);
    });
    signal.throwIfAborted();
  } catch (error) {
    endSession(address);
    throw error;
  }
  return address;
}

/** Relative to who answered, which after a redirect is not who was asked. */
function addressOf(answer: Response, asked: string): string | null {
  const location = answer.headers.get("Location");
  const from = answer.url || asked;
  return location !== null && URL.canParse(location, from) ? new URL(location, from).href : null;
}

function useIceServers(pc: RTCPeerConnection, link: string | null): void {
  const servers = iceServers(link);
  if (servers.length === 0) return;
  try {
    pc.setConfiguration({ ...pc.getConfiguration(), iceServers: servers });
  } catch {
    // the browser does not take one of them: as if none were named
  }
}

/** Also while the page is being left. */
function endSession(address: string | null): void {
  if (address === null) return;
  fetch(address, { method: "DELETE", keepalive: true }).catch(() => {
    // the server notices by itself
  });
}

/** What an HTTP status means, of a session and of a manifest alike; 0: no answer. */
export function meaning(status: number): Refusal {
  if (status === 0) return "unreachable";
  if (status < 400) return "foreign";
  if (status === 409) return "not-live";
  if (status === 401 || status === 403) return "refused";
  if (status === 404 || status === 405 || status === 410) return "gone";
  if (status === 406 || status === 415 || status === 488) return "format";
  return status === 429 ? "crowded" : "busy";
}
