/** What a viewer asks of the playback service of a room's operator, which lets viewers into private rooms. */
import { askService, serviceRoot } from "./ask";
import type { components } from "./types.generated";

type Shapes = components["schemas"];

/** Where a private room plays now; each address has a token in it, for one life of it. */
export type TokenPlayback = Pick<Shapes["LivePlayback"], "whep_url" | "hls_url" | "lifecycle_url" | "expires_at">;
export type Admission = Pick<
  Shapes["Admission"],
  "role" | "session" | "server_time" | "recordings" | "retry_in" | "attendance_days" | "moderators"
> & { playback: TokenPlayback | null };
export type ServiceStatus = Pick<Shapes["PlaybackStatus"], "operator_id" | "attendance_days">;
/** Of a wallet: the text is what it signs, word by word. */
type WalletChallenge = Pick<Shapes["Challenge"], "nonce"> & { message: string };

/** What a viewer shows: an invitation's text, or a wallet's signature of a challenge. */
export type Proof = { invitation: string } | { wallet: { nonce: string; signature: string } };

export interface PlaybackService {
  status(signal: AbortSignal): Promise<ServiceStatus>;
  challenge(room: string, address: string, signal: AbortSignal): Promise<WalletChallenge>;
  enter(room: string, browser: string, proof: Proof, signal: AbortSignal): Promise<Admission>;
  renew(session: string, signal: AbortSignal): Promise<Admission>;
  /** Frees the seat, also while the page is being left; nobody hears what comes of it. */
  leave(session: string): void;
}

/** `base`: the service's address, from the page's configuration. */
export function playbackService(base: string): PlaybackService {
  return {
    status: (signal) => askService(base, "/status", { signal }),
    challenge: (room, address, signal) => askService(base, "/challenge", { signal, body: { room_id: room, address } }),
    enter: (room, browser, proof, signal) =>
      askService(base, "/session", { signal, body: { room_id: room, browser, ...proof } }),
    renew: (session, signal) => askService(base, "/renew", { signal, body: {}, session }),
    leave: (session) => {
      // as text: a page that goes away cannot wait for a preflight
      navigator.sendBeacon(`${serviceRoot(base)}/leave`, JSON.stringify({ session }));
    },
  };
}
