/**
 * What a host asks of the playback service about one class list, in one room.
 *
 * Promises: sessions of the list's own key, opened and renewed without the wallet; what was withdrawn in this
 * browser is told until the service knows it, and told again when its database is younger than that (its
 * `since`), before it is said that the host has returned. On restart: all of it follows from the list.
 */
import { ApiError } from "../api/client";
import { toBase64Url } from "../base/base64url";
import { fromHex } from "../base/hex";
import { roomNumber } from "../base/room-id";
import { askService } from "./ask";
import { type ClassList, change, delegationOf, findList, isWithdrawn } from "./class-list";
import { scopeText } from "./delegation";
import { delegationText, sessionMessage, signByKey } from "./invitation";
import type { components } from "./types.generated";

type Shapes = components["schemas"];

export type DeskLink = Shapes["InvitedLink"];
/** Somebody's stay. */
export type Attendance = Shapes["AttendanceRow"];
type HostSession = Shapes["HostSession"];

export interface Seen {
  links: DeskLink[];
  rows: Attendance[];
  /** By the service's clock. */
  now: number;
}

const RENEW_BEFORE_S = 60;
const MOST_AT_ONCE = 200;
const OVER = ["session-over", "session-invalid"];

export class HostDesk {
  private session: HostSession | null = null;
  private opening: Promise<HostSession> | null = null;
  /** Seconds that the service's clock is ahead. */
  private ahead = 0;

  constructor(
    private readonly base: string,
    private readonly room: string,
    private readonly id: string,
  ) {}

  /** Tells what is not known there yet, then asks who is there. A withdrawn list is only told. */
  async look(signal: AbortSignal): Promise<Seen | null> {
    const list = await findList(this.id);
    if (list === undefined) return null;
    const { since } = await this.status(signal);
    await this.tellWithdrawals(list, since > list.toldSince, signal);
    if (isWithdrawn(list)) {
      await change(this.id, (now) => ({ ...now, toldSince: since }));
      return null;
    }
    await this.tellRevoked(list, since, signal);
    const at = `?room_id=${this.room}`;
    const { links } = await this.ask<{ links: DeskLink[] }>(`/host/links${at}`, signal);
    const { rows, now } = await this.ask<{ rows: Attendance[]; now: number }>(`/host/attendance${at}`, signal);
    return { links, rows, now };
  }

  /** Nobody but those who are in, or everybody with the link again. */
  door = (link_hash: string, closed: boolean, signal: AbortSignal) =>
    this.ask("/host/door", signal, { link_hash, closed });
  /** Lets a link in that moved too often. */
  allow = (link_hash: string, signal: AbortSignal) => this.ask("/host/allow", signal, { link_hash });
  takeSeat = (link_hash: string, browser: string, signal: AbortSignal) =>
    this.ask("/host/seat/remove", signal, { link_hash, browser });

  private async status(signal: AbortSignal): Promise<{ since: number }> {
    const told = await askService<{ since: number; server_time: number }>(this.base, "/status", { signal });
    this.ahead = told.server_time - Date.now() / 1_000;
    return told;
  }

  private async tellWithdrawals(list: ClassList, lost: boolean, signal: AbortSignal): Promise<void> {
    for (const one of list.withdrawals) {
      if (one.told && !lost) continue;
      const { language, delegation, before, issued, signature } = one;
      const what = delegation === null ? { before } : { delegation_hash: delegation };
      const body = { room_id: this.room, scope: scopeText(list.scope), language, ...what, issued, signature };
      await askService(this.base, "/host/revoke-all", { signal, body });
      await change(this.id, (now) => ({
        ...now,
        withdrawals: now.withdrawals.map((each) => (each.signature === one.signature ? { ...each, told: true } : each)),
      }));
    }
  }

  private async tellRevoked(list: ClassList, since: number, signal: AbortSignal): Promise<void> {
    const lost = since > list.toldSince;
    const hashes = list.links
      .filter(({ revokedAt, revokeTold }) => revokedAt !== null && (lost || !revokeTold))
      .map(({ hash }) => hash);
    for (let at = 0; at < hashes.length; at += MOST_AT_ONCE) {
      await this.ask("/host/revoke", signal, { links: hashes.slice(at, at + MOST_AT_ONCE) });
    }
    if (hashes.length > 0) {
      await change(this.id, (now) => ({
        ...now,
        links: now.links.map((link) => (hashes.includes(link.hash) ? { ...link, revokeTold: true } : link)),
      }));
    }
    if (!lost) return;
    await this.ask("/host/returned", signal, { since });
    await change(this.id, (now) => ({ ...now, toldSince: Math.max(now.toldSince, since) }));
  }

  /** A session that is over is opened anew, once. */
  private async ask<T>(path: string, signal: AbortSignal, body?: object): Promise<T> {
    for (let first = true; ; first = false) {
      const { session } = await this.opened(signal);
      try {
        return await askService<T>(this.base, path, { signal, session, ...(body === undefined ? {} : { body }) });
      } catch (error) {
        if (!first || !(error instanceof ApiError) || !OVER.includes(error.slug)) throw error;
        this.session = null;
      }
    }
  }

  private async opened(signal: AbortSignal): Promise<HostSession> {
    const now = Date.now() / 1_000 + this.ahead;
    if (this.session !== null && now < this.session.expires_at - RENEW_BEFORE_S) return this.session;
    this.opening ??= this.open(signal).finally(() => {
      this.opening = null;
    });
    this.session = await this.opening;
    return this.session;
  }

  private async open(signal: AbortSignal): Promise<HostSession> {
    const list = await findList(this.id);
    if (list === undefined) throw new ApiError(404, "not-found");
    const delegation = await delegationOf(list);
    const named = { room_id: this.room, delegation: delegationText(delegation) };
    if (delegation.signature.kind === "hash") {
      // too long for a link: left there, and left again whenever it was lost
      const body = { ...named, signature: list.signature };
      await askService(this.base, "/host/delegation", { signal, body });
    }
    const body = { room_id: this.room };
    const { nonce } = await askService<{ nonce: string }>(this.base, "/challenge", { signal, body });
    const at = Math.floor(Date.now() / 1_000 + this.ahead);
    const message = await sessionMessage(delegation, at, fromHex(nonce), roomNumber(this.room));
    const signature = toBase64Url(await signByKey(list.pair.privateKey, message));
    return askService<HostSession>(this.base, "/host/session", {
      signal,
      body: { ...named, at, nonce, signature },
    });
  }
}

/** The service's time, for what is signed to begin now; null: it is away. */
export async function serviceTime(base: string, signal: AbortSignal): Promise<number | null> {
  try {
    return (await askService<{ server_time: number }>(base, "/status", { signal })).server_time;
  } catch {
    signal.throwIfAborted();
    return null;
  }
}
