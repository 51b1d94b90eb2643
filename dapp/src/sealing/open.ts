/**
 * Opens sealed credentials: HPKE (RFC 9180), base mode, X25519, HKDF-SHA256, AES-256-GCM. The
 * message is `enc (32 bytes) || ciphertext`; `info` is the domain, the room's tag and the live
 * input's uid (docs/sealing.md).
 */
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { type Bytes, fromHex } from "../base/hex";
import { concat } from "../contract/bytes";

const DOMAIN = new TextEncoder().encode("livestream-rooms/ingest/v1");
const ENC_BYTES = 32;
const MAX_BYTES = 1024;

export type Credentials =
  | { mode: "webrtc"; whip: string }
  | {
      mode: "broadcast";
      rtmps: { url: string; streamKey: string };
      srt: { url: string; streamId: string; passphrase: string };
    };

/** It was sealed to another key, room or live input; or it is damaged. */
export class CannotOpen extends Error {}

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

export async function openSealed(pair: CryptoKeyPair, tag: string, uid: string, sealed: string): Promise<Credentials> {
  const message = fromHex(sealed);
  const info: Bytes = concat(DOMAIN, fromHex(tag), fromHex(uid));
  let text: ArrayBuffer;
  try {
    if (message.length > MAX_BYTES) throw new CannotOpen("too long");
    text = await suite.open({ recipientKey: pair, enc: message.slice(0, ENC_BYTES), info }, message.slice(ENC_BYTES));
  } catch {
    throw new CannotOpen("sealed to another key, or damaged");
  }
  return parseCredentials(new TextDecoder().decode(text));
}

/** The credentials in an opened message; its text never reaches an error. */
export function parseCredentials(text: string): Credentials {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw new CannotOpen("not JSON");
  }
  const at = (...path: string[]): string => {
    let value = found;
    for (const name of path) value = (value as Record<string, unknown> | null)?.[name];
    if (typeof value !== "string" || value === "") throw new CannotOpen(`lacks ${path.join(".")}`);
    return value;
  };
  if ((found as { v?: unknown } | null)?.v !== 1) throw new CannotOpen("another version");
  const mode = at("mode");
  if (mode === "webrtc") return { mode, whip: at("whip") };
  if (mode !== "broadcast") throw new CannotOpen("another mode");
  return {
    mode,
    rtmps: { url: at("rtmps", "url"), streamKey: at("rtmps", "streamKey") },
    srt: { url: at("srt", "url"), streamId: at("srt", "streamId"), passphrase: at("srt", "passphrase") },
  };
}
