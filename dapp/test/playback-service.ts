/** A playback service that a test plays, and what a tab keeps. */
import { ApiError } from "../src/api/client";
import { sleep } from "../src/base/time";
import type { Admission, PlaybackService, Proof } from "../src/playback/client";
import type { Clock } from "../src/stream/lifecycle";

/** By fake timers: vitest owns `Date.now` and `setTimeout`. */
export const testClock = (random = () => 0.5): Clock => ({
  now: () => Date.now(),
  sleep,
  tabVisible: async () => {},
  random,
});

export const TOKEN_S = 600;

/** A JWT's shape, told apart by its number. */
export const jwt = (number: number): string => `eyJhbGciOiJSUzI1NiJ9.${btoa(`number ${number}`).slice(0, 11)}.c2lnbmVk`;

export class TestService implements PlaybackService {
  asked: string[] = [];
  left: string[] = [];
  proofs: Proof[] = [];
  browsers = new Set<string>();
  /** Whoever asks is answered this in place of an admission. */
  refuses: ApiError | null = null;
  /** The video's server is asked where this says. */
  tokens = 0;
  pending = false;
  holds: Promise<void> | null = null;
  /** Seconds by which the service's clock is ahead of ours. */
  ahead = 0;

  status = async () => ({ operator_id: 1, attendance_days: 30 });
  challenge = async () => ({ nonce: "n", message: "Watch the private room live_7." });

  enter = async (_room: string, browser: string, proof: Proof): Promise<Admission> => {
    this.browsers.add(browser);
    this.proofs.push(proof);
    return this.answer("enter", "ls1.new.session");
  };

  renew = (session: string): Promise<Admission> => this.answer("renew", session);

  leave = (session: string): void => {
    this.left.push(session);
  };

  refuse(status: number, slug: string, said: Record<string, unknown> = {}, retryAfter = 0): void {
    this.refuses = new ApiError(status, slug, 0, retryAfter, said);
  }

  private async answer(what: string, session: string): Promise<Admission> {
    this.asked.push(what);
    if (this.holds !== null) await this.holds;
    if (this.refuses !== null) throw this.refuses;
    this.tokens += 1;
    const now = Math.floor(Date.now() / 1000) + this.ahead;
    const base = `https://video.example/${jwt(this.tokens)}`;
    const playback = {
      whep_url: `${base}/webRTC/play`,
      hls_url: `${base}/manifest/video.m3u8`,
      lifecycle_url: `${base}/lifecycle`,
      expires_at: now + TOKEN_S,
    };
    return {
      role: "invited",
      session,
      server_time: now,
      playback: this.pending ? null : playback,
      recordings: null,
      retry_in: this.pending ? 5 : null,
      attendance_days: 30,
      moderators: [],
    };
  }
}
