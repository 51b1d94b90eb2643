/**
 * A viewer's admission to a private room: got by an invitation or a wallet, renewed unseen, and lost with its
 * reason.
 *
 * Promises: a session is kept for its room in this tab, so that a reload enters by itself. A token is renewed
 * at 50 to 80 % of its life, at random; the renewal itself asks whether the viewer may still watch, so nothing
 * needs to be signalled. Who is refused is out at once; who cannot be asked is out when the token ends, and in
 * again by itself. What can end without the viewer (a full room, a closed door, a room not yet set up) is asked
 * again slowly. Nothing is asked before the service allows it (`Retry-After`), nor in a hidden tab, but for the
 * renewal of what is played. A seat is freed when the page goes, and taken again when it comes back.
 * Assumes: moments in answers are by the service's clock; only their differences count here.
 */
import { ApiError } from "../api/client";
import { toBase64Url } from "../base/base64url";
import { recall, remember } from "../base/storage";
import type { PlayAddress } from "../stream/address";
import { askLifecycle, type Clock, type Lifecycle } from "../stream/lifecycle";
import { Retries } from "../stream/retries";
import type { Admission, PlaybackService, Proof } from "./client";
import { keep, kept } from "./invitation-link";
import { type Away, consequence, meaningOf, type Refused } from "./refusals";
import { tokenOf, withToken } from "./token-url";

export type Standing =
  | { kind: "checking" }
  /** `why` null: nothing was shown yet. */
  | { kind: "outside"; why: Refused | null }
  /** Asked again by itself. */
  | { kind: "away"; why: Away }
  | { kind: "in"; admission: Admission };

export interface AdmissionParts {
  service: PlaybackService;
  clock: Clock;
}

const EARLIEST = 0.5; // of a token's life
const LATEST = 0.8;
const PENDING_S = 10; // where the service does not say
const REFUSED_AGAIN_MS = 10_000; // a token that the video server refuses is made anew so often at most

export class Admissions {
  private standing: Standing = { kind: "checking" };
  private session: string | null;
  private proof: Proof | null;
  /** What is asked next, and when; null: nothing until the person acts. */
  private next: "renew" | "enter" | null;
  private due = 0;
  private allowedAt = 0;
  private renewedAt = 0;
  private endsAt = Infinity; // of the token
  private life = Infinity;
  private hasLeft = false;
  private isHandedOver = false;
  private wake = new AbortController();
  private readonly listeners = new Set<() => void>();
  private readonly retries: Retries;

  constructor(
    private readonly room: string,
    private readonly parts: AdmissionParts,
    private readonly tell: (standing: Standing) => void,
  ) {
    const invitation = kept("invitation", room);
    this.session = kept("session", room);
    this.proof = invitation === null ? null : { invitation };
    this.next = this.session === null ? null : "renew";
    this.retries = new Retries(1_000, 8_000, parts.clock.random);
  }

  /** Whether an invitation is at hand, to be shown when the viewer says so. */
  hasInvitation(): boolean {
    return this.proof !== null && "invitation" in this.proof;
  }

  /** Runs until `signal` aborts; then the seat is free. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.parts;
    signal.addEventListener("abort", () => this.leave(), { once: true });
    this.say(this.next === null ? { kind: "outside", why: null } : { kind: "checking" });
    for (let first = true; !signal.aborted; ) {
      const now = clock.now();
      if (this.isIn() && now >= this.endsAt) this.say({ kind: "away", why: "unreachable" });
      const until = Math.min(this.next === null ? Infinity : this.due, this.isIn() ? this.endsAt : Infinity);
      if (until > now) {
        await this.pause(until - now, signal);
        continue;
      }
      if (!first && !this.isIn()) await clock.tabVisible(signal).catch(() => {});
      first = false;
      if (!signal.aborted && this.next !== null) await this.ask(this.next, signal);
    }
  }

  /** The person shows something. */
  enter(proof: Proof): void {
    this.proof = proof;
    this.act("enter");
  }

  /** The person tries once more with what there is, also after it was opened elsewhere. */
  again(): void {
    this.act(this.session !== null ? "renew" : this.proof !== null ? "enter" : null);
  }

  /** Whether there is anything to ask with, without a new link or signature. */
  canAsk(): boolean {
    return this.session !== null || this.proof !== null;
  }

  /** The session, for another window to go on with: its seat is not freed when this one goes. */
  handOver(): string | null {
    this.isHandedOver = true;
    return this.session;
  }

  /** The page goes: into the browser's memory, or for good. */
  leave(): void {
    if (this.session === null || this.standing.kind !== "in" || this.isHandedOver) return;
    this.hasLeft = true;
    this.parts.service.leave(this.session);
  }

  /** The page is back, or the machine was asleep: the token may be over, the seat another's. */
  back(): void {
    if (!this.isIn()) return;
    if (this.hasLeft || this.parts.clock.now() >= this.due) this.hurry();
  }

  /** Where the room plays, by the token of each moment. `kind`: which of the service's addresses. */
  address(kind: "whep_url" | "hls_url"): PlayAddress {
    return this.addressOf((admission) => admission.playback?.[kind] ?? null);
  }

  /** Where a recording plays. */
  recording(uid: string): PlayAddress {
    return this.addressOf(({ recordings }) => recordings?.find((one) => one.uid === uid)?.hls_url ?? null);
  }

  /** Whether the room is live: asked with the token first, then, where that says nothing, as `plain`. */
  async lifecycle(plain: string, signal: AbortSignal): Promise<Lifecycle> {
    const url = this.standing.kind === "in" ? this.standing.admission.playback?.lifecycle_url : undefined;
    if (url === undefined) return { live: null, retryAfter: 0 };
    const found = await askLifecycle(url, signal);
    return found.live !== null || url === plain ? found : askLifecycle(plain, signal);
  }

  private addressOf(find: (admission: Admission) => string | null): PlayAddress {
    const here = () => (this.standing.kind === "in" ? find(this.standing.admission) : null);
    return {
      fresh: async (refused) => {
        const { clock } = this.parts;
        const left = this.endsAt - clock.now();
        const anew = refused && clock.now() - this.renewedAt > REFUSED_AGAIN_MS;
        if (this.isIn() && (anew || this.hasLeft || left < (1 - LATEST) * this.life)) await this.renewal();
        const url = here();
        if (url === null) throw new Error("no admission");
        return url;
      },
      present: (url) => withToken(url, tokenOf(here() ?? "")),
      follow: (changed) => {
        this.listeners.add(changed);
        return () => void this.listeners.delete(changed);
      },
    };
  }

  private isIn(): boolean {
    return this.standing.kind === "in";
  }

  private say(standing: Standing): void {
    this.standing = standing;
    this.tell(standing);
  }

  private act(next: "renew" | "enter" | null): void {
    this.next = next;
    if (next === null) {
      this.say({ kind: "outside", why: null });
      return;
    }
    this.say({ kind: "checking" });
    this.hurry();
  }

  /** Asks as soon as the service allows it. */
  private hurry(): void {
    this.due = this.allowedAt;
    this.wake.abort();
  }

  /** Resolves when the service was asked once more, whatever it said. */
  private renewal(): Promise<void> {
    return new Promise((resolve) => {
      this.asked.push(resolve);
      this.hurry();
    });
  }
  private readonly asked: (() => void)[] = [];

  private async pause(ms: number, signal: AbortSignal): Promise<void> {
    this.wake = new AbortController();
    const either = AbortSignal.any([signal, this.wake.signal]);
    if (Number.isFinite(ms)) await this.parts.clock.sleep(ms, either).catch(() => {});
    else await new Promise((resolve) => either.addEventListener("abort", resolve, { once: true }));
  }

  private async ask(what: "renew" | "enter", signal: AbortSignal): Promise<void> {
    const { service } = this.parts;
    const { proof, session } = this;
    try {
      const renews = what === "renew" && session !== null;
      if (!renews && proof === null) return this.refused({ name: "session-over", from: null }, 0);
      const admission = renews
        ? await service.renew(session, signal)
        : await service.enter(this.room, browserId(), proof as Proof, signal);
      if (signal.aborted) service.leave(admission.session);
      else if (this.proof === proof) this.admitted(admission);
    } catch (error) {
      // what the person did meanwhile is asked next
      if (signal.aborted || this.proof !== proof) return;
      const meaning = meaningOf(error);
      const wait = error instanceof ApiError ? error.retryAfter : 0;
      if (typeof meaning === "string") this.unanswered(meaning, wait);
      else this.refused(meaning, wait);
    } finally {
      for (const resolve of this.asked.splice(0)) resolve();
    }
  }

  private admitted(admission: Admission): void {
    const { clock } = this.parts;
    const { playback, recordings, server_time, retry_in } = admission;
    const ends = [playback?.expires_at, ...(recordings ?? []).map((one) => one.expires_at)];
    const first = Math.min(...ends.filter((at) => at !== undefined));
    this.hasLeft = false;
    this.session = admission.session;
    keep("session", this.room, admission.session);
    // a wallet's signature holds once
    if (this.proof !== null && "wallet" in this.proof) this.proof = null;
    this.renewedAt = clock.now();
    this.life = 1_000 * Math.max(0, first - server_time);
    this.endsAt = this.renewedAt + this.life;
    this.next = "renew";
    const part = EARLIEST + (LATEST - EARLIEST) * clock.random();
    const pause = Number.isFinite(this.life) ? this.life : 1_000 * (retry_in ?? PENDING_S);
    this.due = this.renewedAt + pause * part;
    this.retries.reset();
    this.say({ kind: "in", admission });
    for (const changed of [...this.listeners]) changed();
  }

  private refused(why: Refused, asked: number): void {
    const { again, forgets } = consequence(why);
    const had = this.session;
    if (forgets !== undefined) this.forgetSession();
    if (forgets === "both") this.forgetInvitation();
    const overOnly = why.name === "session-over" || why.name === "session-invalid";
    // the invitation outlives the session: it is shown again
    if (overOnly && had !== null && this.hasInvitation()) {
      this.next = "enter";
      this.due = this.parts.clock.now();
      return;
    }
    // a wallet's signature holds once: without a session there is nothing left to ask with
    if (this.session === null && !this.hasInvitation()) this.proof = null;
    this.next = again === true && this.canAsk() ? (this.session !== null ? "renew" : "enter") : null;
    this.wait(this.retries.later("refused", asked), asked);
    this.say({ kind: "outside", why });
  }

  private unanswered(why: Away, asked: number): void {
    this.wait(this.retries.later("busy", asked), asked);
    // a picture goes on until its token ends
    if (!this.isIn()) this.say({ kind: "away", why });
  }

  private wait(ms: number, asked: number): void {
    const now = this.parts.clock.now();
    this.due = now + ms;
    if (asked > 0) this.allowedAt = this.due;
  }

  private forgetSession(): void {
    this.session = null;
    keep("session", this.room, null);
  }

  private forgetInvitation(): void {
    this.proof = null;
    keep("invitation", this.room, null);
  }
}

const BROWSER = "playback-browser";
let forgetful: string | null = null;

/** Names this browser to the service, for the seats of a link; in memory where nothing can be kept. */
function browserId(): string {
  const known = recall(BROWSER) ?? forgetful;
  if (known !== null && /^[\w-]{22}$/.test(known)) return known;
  const made = toBase64Url(crypto.getRandomValues(new Uint8Array(16)));
  forgetful = made;
  remember(BROWSER, made);
  return made;
}
