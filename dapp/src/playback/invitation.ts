/**
 * Invitations as bytes and as the text of a link's fragment (`/room/live_7#i=TEXT`).
 *
 * A delegation is what a host's wallet signs once: it lets a key of this browser (P-256) sign links into one
 * room, or into the rooms of one class, for a time. A link is a delegation, the wallet's signature (or its hash)
 * and the link's own part, signed by that key. Promises: `decodeInvitation` refuses whatever does not encode back
 * to the same text; what names a link or a delegation is the hash of what was signed. Pure, but for WebCrypto.
 */
import { toBase64Url } from "../base/base64url";
import { type Bytes, toHex } from "../base/hex";

export type Scope = { kind: "room"; room: bigint } | { kind: "class"; id: string };

/** Moments in unix seconds. */
export interface Delegation {
  scope: Scope;
  /** Of the statement that the wallet showed. */
  language: "en" | "vi";
  from: number;
  until: number;
  /** Compressed, 33 bytes. */
  key: Bytes;
  /** Inline, or, above 100 bytes, its SHA-256: the signature itself is then left with the service. */
  signature: { kind: "inline"; bytes: Bytes } | { kind: "hash"; hash: Bytes };
}

export interface Link {
  /** 16 random bytes. */
  id: Bytes;
  /** 1 to 65535: the person's, in the host's own list. */
  number: number;
  /** 1: a personal link; 2 to 500: one for a group. */
  seats: number;
  from: number;
  until: number;
  /** At most 24 bytes; "": none. Never a name. */
  label: string;
}

export interface Invitation {
  delegation: Delegation;
  link: Link;
  /** r and s, of the delegated key. */
  proof: Bytes;
}

export class InvitationError extends Error {}

export const CLASS_MOST_SECONDS = 180 * 86_400;
export const MOST_SEATS = 500;
const VERSION = 1;
const OF_CLASS = 1;
const BY_HASH = 2;
const VIETNAMESE = 4;
const MOST_INLINE = 100;
const MOST_LABEL = 24;
const CONTEXT = new TextEncoder().encode("livestream-invitation-1\0");
const SESSION_CONTEXT = new TextEncoder().encode("livestream-host-1\0");
/** The order of P-256; of two signatures that both hold, the one with the lower s counts. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const sha256 = async (bytes: Bytes): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

function joined(...parts: ArrayLike<number>[]): Bytes {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Throws `InvitationError` for what `toBase64Url` would not have written. */
export function ofBase64url(text: string): Bytes {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw new InvitationError("not base64url");
  const bytes = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  if (toBase64Url(bytes) !== text) throw new InvitationError("not canonical");
  return bytes;
}

/** Big-endian. */
function unsigned(value: number | bigint, length: number): Bytes {
  const bytes = new Uint8Array(length);
  let rest = BigInt(value);
  for (let at = length - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  if (rest !== 0n) throw new RangeError(`${value} in ${length} bytes`);
  return bytes;
}

const scopeBytes = (scope: Scope): Bytes =>
  scope.kind === "room" ? unsigned(scope.room, 8) : unsigned(BigInt(`0x${scope.id}`), 8);

/** What is granted, as it stands in a link. */
export const coreOf = (delegation: Delegation): Bytes =>
  granted(delegation, delegation.signature.kind === "hash" ? BY_HASH : 0);

function granted({ scope, language, from, until, key }: Delegation, byHash: number): Bytes {
  const flags = (scope.kind === "class" ? OF_CLASS : 0) | byHash | (language === "vi" ? VIETNAMESE : 0);
  return joined([VERSION, flags], scopeBytes(scope), unsigned(from, 4), unsigned(until, 4), key);
}

/** Names a delegation, however its wallet signature is carried. */
export const delegationDigest = (delegation: Delegation): Promise<Bytes> => sha256(granted(delegation, 0));

const signatureField = ({ signature }: Delegation): Bytes =>
  signature.kind === "hash" ? signature.hash : joined([signature.bytes.length], signature.bytes);

function linkPart({ id, number, seats, from, until, label }: Link): Bytes {
  const name = new TextEncoder().encode(label);
  if (name.length > MOST_LABEL) throw new RangeError("label too long");
  const numbers = [unsigned(number, 2), unsigned(seats, 2), unsigned(from, 4), unsigned(until, 4)];
  return joined(id, ...numbers, [name.length], name);
}

export const linkHash = async (delegation: Delegation, link: Link): Promise<string> =>
  toHex(await sha256(joined(granted(delegation, 0), linkPart(link))));

/** What the delegated key signs. */
export async function signedByKey(delegation: Delegation, link: Link): Promise<Bytes> {
  const behalf = await sha256(joined(coreOf(delegation), signatureField(delegation)));
  return joined(CONTEXT, behalf, linkPart(link));
}

/** What the delegated key signs to open a session of the host; `at` by the service's clock. */
export async function sessionMessage(delegation: Delegation, at: number, nonce: Bytes, room: bigint): Promise<Bytes> {
  return joined(SESSION_CONTEXT, await delegationDigest(delegation), unsigned(at, 4), nonce, unsigned(room, 8));
}

/** What is sent to open a session of the host. */
export const delegationText = (delegation: Delegation): string =>
  toBase64Url(joined(coreOf(delegation), signatureField(delegation)));

export const encodeInvitation = ({ delegation, link, proof }: Invitation): string =>
  toBase64Url(joined(coreOf(delegation), signatureField(delegation), linkPart(link), proof));

/** The wallet's signature as a delegation carries it. */
export async function carried(signature: Bytes): Promise<Delegation["signature"]> {
  if (signature.length <= MOST_INLINE) return { kind: "inline", bytes: signature };
  return { kind: "hash", hash: await sha256(signature) };
}

/** r and s, with s in the lower half of P-256's order. */
export function lowS(signature: Bytes): Bytes {
  const s = BigInt(toHex(signature.subarray(32)));
  return s > ORDER / 2n ? joined(signature.subarray(0, 32), unsigned(ORDER - s, 32)) : signature;
}

/** Signed by a key of this browser, as the service takes it. */
export const signByKey = async (key: CryptoKey, message: Bytes): Promise<Bytes> =>
  lowS(new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, message)));

/** 33 bytes of the 65 that WebCrypto exports. */
export const compressed = (raw: Bytes): Bytes => joined([2 + ((raw[64] ?? 0) & 1)], raw.subarray(1, 33));

const labelBytes = (label: string): number => new TextEncoder().encode(label).length;

class Reader {
  private at = 0;
  constructor(private readonly bytes: Bytes) {}
  take(length: number): Bytes {
    const part = this.bytes.slice(this.at, this.at + length);
    if (part.length !== length) throw new InvitationError("too short");
    this.at += length;
    return part;
  }
  number = (length: number): number => Number(BigInt(toHex(this.take(length))));
}

function readDelegation(from: Reader): Delegation {
  if (from.number(1) !== VERSION) throw new InvitationError("version");
  const flags = from.number(1);
  const bytes = from.take(8);
  const scope: Scope =
    (flags & OF_CLASS) === 0
      ? { kind: "room", room: BigInt(toHex(bytes)) }
      : { kind: "class", id: toHex(bytes).slice(2) };
  const [begins, until] = [from.number(4), from.number(4)];
  const longest = scope.kind === "class" ? CLASS_MOST_SECONDS : Infinity;
  if (begins >= until || until - begins > longest) throw new InvitationError("time");
  const key = from.take(33);
  return {
    scope,
    language: (flags & VIETNAMESE) === 0 ? "en" : "vi",
    from: begins,
    until,
    key,
    signature:
      (flags & BY_HASH) === 0 ? { kind: "inline", bytes: readInline(from) } : { kind: "hash", hash: from.take(32) },
  };
}

function readInline(from: Reader): Bytes {
  const length = from.number(1);
  if (length === 0 || length > MOST_INLINE) throw new InvitationError("signature");
  return from.take(length);
}

/** Throws `InvitationError`. Whether any signature holds is the service's to say. */
export function decodeInvitation(text: string): Invitation {
  const reader = new Reader(ofBase64url(text));
  const delegation = readDelegation(reader);
  const id = reader.take(16);
  const [number, seats, from, until] = [reader.number(2), reader.number(2), reader.number(4), reader.number(4)];
  const label = new TextDecoder("utf-8", { ignoreBOM: true }).decode(reader.take(reader.number(1)));
  const link = { id, number, seats, from, until, label };
  const found = { delegation, link, proof: reader.take(64) };
  const fits = number > 0 && seats > 0 && seats <= MOST_SEATS && from < until;
  if (!fits || labelBytes(label) > MOST_LABEL || encodeInvitation(found) !== text) {
    throw new InvitationError("not canonical");
  }
  return found;
}
