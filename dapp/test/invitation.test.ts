/** Invitations as bytes: what is written is read again, and what was altered is refused. */
import { hashTypedData, type TypedDataDefinition } from "viem";
import { describe, expect, test } from "vitest";
import { toBase64Url } from "../src/base/base64url";
import { fromHex, toHex } from "../src/base/hex";
import { invitationsToSign, revocationToSign } from "../src/playback/delegation";
import {
  carried,
  coreOf,
  type Delegation,
  decodeInvitation,
  delegationDigest,
  delegationText,
  encodeInvitation,
  InvitationError,
  type Link,
  linkHash,
  lowS,
  ofBase64url,
  type Scope,
  sessionMessage,
  signByKey,
  signedByKey,
} from "../src/playback/invitation";
import { signatureOf } from "../src/wallet/use-signature";
import vectors from "./playback-vectors.json";

const KEY = fromHex(`02${"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"}`);
const delegation: Delegation = {
  scope: { kind: "room", room: 7n },
  language: "vi",
  from: 1_790_000_000,
  until: 1_790_086_400,
  key: KEY,
  signature: { kind: "inline", bytes: new Uint8Array(65).fill(0x1b) },
};
const link: Link = {
  id: new Uint8Array(16).fill(9),
  number: 3,
  seats: 1,
  from: 1_790_000_000,
  until: 1_790_086_400,
  label: "lớp 7A",
};
const proof = new Uint8Array(64).fill(5);
const text = encodeInvitation({ delegation, link, proof });

test("an invitation: read as it was written, short enough for a QR code", () => {
  expect(decodeInvitation(text)).toEqual({ delegation, link, proof });
  expect(text.length).toBeLessThanOrEqual(340);
  expect(toHex(coreOf(delegation))).toBe(
    `0x01040000000000000007${(1_790_000_000).toString(16)}${(1_790_086_400).toString(16)}${toHex(KEY).slice(2)}`,
  );
});

test.each(vectors.malformed.filter(({ name }) => !/point|180/.test(name)))("refused: $name", ({ text }) => {
  expect(() => decodeInvitation(text)).toThrow(InvitationError);
});

test("an invitation altered in one bit, cut, made longer or written another way: refused or another one", () => {
  const bytes = ofBase64url(text);
  for (let at = 0; at < bytes.length; at++) {
    const altered = bytes.slice();
    altered[at] = (altered[at] ?? 0) ^ 0x80;
    const written = toBase64Url(altered);
    try {
      expect(encodeInvitation(decodeInvitation(written))).toBe(written);
    } catch (error) {
      expect(error).toBeInstanceOf(InvitationError);
    }
  }
  const others = [
    text.slice(0, -1),
    `${text}AA`,
    `${text}=`,
    text.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1)),
    ` ${text}`,
    "",
  ];
  for (const other of others) expect(() => decodeInvitation(other), other).toThrow(InvitationError);
});

test("a long wallet signature: by its hash, and the names stay the same", async () => {
  const long: Delegation = { ...delegation, signature: await carried(new Uint8Array(101).fill(1)) };
  expect(long.signature.kind).toBe("hash");
  expect((await carried(new Uint8Array(100))).kind).toBe("inline");
  expect(await delegationDigest(long)).toEqual(await delegationDigest(delegation));
  expect(await linkHash(long, link)).toBe(await linkHash(delegation, link));
  const written = encodeInvitation({ delegation: long, link, proof });
  expect(decodeInvitation(written).delegation).toEqual(long);
});

test("a class: its eight bytes", () => {
  const of: Delegation = { ...delegation, language: "en", scope: { kind: "class", id: "00ff00ff00ff00ff" } };
  const written = encodeInvitation({ delegation: of, link, proof });
  expect(decodeInvitation(written).delegation).toEqual(of);
});

test("a signature of P-256: the lower s of two that both hold", () => {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const written = (s: bigint) => fromHex(`${"11".repeat(32)}${s.toString(16).padStart(64, "0")}`);
  expect(lowS(written(order - 1n))).toEqual(written(1n));
  expect(lowS(written(1n))).toEqual(written(1n));
});

test("what a wallet is asked to sign says in words what it is for", () => {
  const place = { chainId: 31337, contract: "0xab", origin: "https://rooms.example" } as const;
  const scope = { kind: "class", id: "0123456789abcdef" } as const;
  const asked = invitationsToSign(place, { scope, language: "en", key: "0x02", from: 1, until: 2 });
  expect(asked.domain).toEqual({
    name: "Livestream Rooms",
    version: "1",
    chainId: 31337,
    verifyingContract: "0xab",
  });
  expect(asked.message).toEqual({
    statement: "Let this browser invite people to the rooms of my class 0123456789abcdef.",
    origin: "https://rooms.example",
    scope: "class 0123456789abcdef",
    key: "0x02",
    from: 1,
    until: 2,
  });
  const room = { kind: "room", room: 7n } as const;
  const taken = revocationToSign(place, { scope: room, language: "vi", delegation: "0x00", before: 1, issued: 2 });
  expect(taken.message).toMatchObject({ statement: "Thu hồi lời mời vào phòng live_7 của tôi.", scope: "live_7" });
});

const place = { chainId: vectors.chainId, contract: vectors.registry as `0x${string}`, origin: vectors.origin };
const scopeOf = (text: string): Scope =>
  text.startsWith("class ")
    ? { kind: "class", id: text.slice("class ".length) }
    : { kind: "room", room: BigInt(text.slice(text.indexOf("_") + 1)) };
const digestOf = (asked: object) => hashTypedData(asked as TypedDataDefinition);

/** What playback/ writes, byte by byte. */
describe("the service's own", () => {
  test.each(vectors.cases)("invitation: $name", async (one) => {
    const { delegation, link, proof } = decodeInvitation(one.text);
    expect(encodeInvitation({ delegation, link, proof })).toBe(one.text);
    expect(delegation).toMatchObject({ scope: scopeOf(one.scope), from: one.from, until: one.until });
    expect({ ...link, id: toHex(link.id) }).toEqual(one.link);
    expect(delegationText(delegation)).toBe(one.delegation);
    expect(toHex(await delegationDigest(delegation))).toBe(one.delegationHash);
    expect(await linkHash(delegation, link)).toBe(one.linkHash);
    expect(toHex(await signedByKey(delegation, link))).toBe(one.message);
    expect(toHex(proof)).toBe(one.keySignature);
    const language = one.language as "en" | "vi";
    const asked = invitationsToSign(place, { ...delegation, language, key: toHex(delegation.key) });
    expect(asked.message).toMatchObject({ statement: one.statement });
    expect(digestOf(asked)).toBe(one.digest);
  });

  test.each(vectors.withdrawals)("withdrawal: $scope in $language, before $before", (one) => {
    const { delegation, before, issued } = one;
    const language = one.language as "en" | "vi";
    const asked = revocationToSign(place, { scope: scopeOf(one.scope), language, delegation, before, issued });
    expect(asked.message).toMatchObject({ statement: one.statement });
    expect(digestOf(asked)).toBe(one.digest);
  });

  test("session of a host: the message, and a key's signature of it with a low s", async () => {
    const { delegation: written, at, nonce, room, message } = vectors.hostSession;
    const whole = joinedWithLink(written);
    const made = await sessionMessage(decodeInvitation(whole).delegation, at, fromHex(nonce), BigInt(room));
    expect(toHex(made)).toBe(message);
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    const key = await crypto.subtle.importKey("jwk", vectors.key.jwk, algorithm, false, ["sign"]);
    for (let tries = 0; tries < 20; tries++) {
      const signature = await signByKey(key, made);
      expect(lowS(signature)).toEqual(signature);
    }
  });

  /** A delegation alone, as the beginning of some invitation. */
  function joinedWithLink(written: string): string {
    const bytes = [...ofBase64url(written), ...new Uint8Array(16), 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0];
    return toBase64Url(new Uint8Array([...bytes, ...new Uint8Array(64)]));
  }
});

test("a wallet's signature: v is 27 or 28 and s the lower one; a contract's stays as it is", () => {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const written = (s: bigint, v: string) => `0x${"11".repeat(32)}${s.toString(16).padStart(64, "0")}${v}`;
  expect(signatureOf(written(5n, "00"))).toBe(written(5n, "1b"));
  expect(signatureOf(written(5n, "1c").toUpperCase().replace("0X", "0x"))).toBe(written(5n, "1c"));
  expect(signatureOf(written(order - 5n, "1b"))).toBe(written(5n, "1c"));
  expect(signatureOf(written(5n, "1f"))).toBe(written(5n, "1f"));
  expect(signatureOf("0xabcdef")).toBe("0xabcdef");
  for (const odd of [null, "", "0x", "0xabc", "yes", {}]) expect(() => signatureOf(odd)).toThrow();
});
