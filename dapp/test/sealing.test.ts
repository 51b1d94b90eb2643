import "fake-indexeddb/auto";
import { beforeAll, expect, test, vi } from "vitest";
import { fromHex } from "../src/base/hex";
import { allKeys, dropKey, findKey, newKey } from "../src/sealing/keys";
import { CannotOpen, openSealed, parseCredentials } from "../src/sealing/open";
import { sealing } from "./vectors";

const b64url = (hex: string) => Buffer.from(hex, "hex").toString("base64url");
let pair: CryptoKeyPair;
vi.stubGlobal("navigator", {});

beforeAll(async () => {
  const jwk = { kty: "OKP", crv: "X25519", x: b64url(sealing.publicKey) };
  const algorithm = { name: "X25519" };
  pair = {
    privateKey: await crypto.subtle.importKey(
      "jwk",
      { ...jwk, d: b64url(sealing.privateKey) },
      algorithm,
      false, // as the page makes them: not extractable
      ["deriveBits"],
    ),
    publicKey: await crypto.subtle.importKey("jwk", jwk, algorithm, true, []),
  };
});

test("open: messages of both libraries: their text", async () => {
  for (const { text, sealed } of sealing.messages) {
    const found = await openSealed(pair, sealing.tag, sealing.uid, sealed);
    const { v: _, ...plain } = JSON.parse(text);
    expect(found).toEqual(plain);
  }
});

test("open: another tag, another uid, a flipped bit: cannot", async () => {
  const sealed = sealing.messages[0]?.sealed ?? "";
  const flipped = sealed.slice(0, -1) + (sealed.endsWith("0") ? "1" : "0");
  const other = "0f".repeat(12);
  await expect(openSealed(pair, other, sealing.uid, sealed)).rejects.toThrow(CannotOpen);
  await expect(openSealed(pair, sealing.tag, "0f".repeat(16), sealed)).rejects.toThrow(CannotOpen);
  await expect(openSealed(pair, sealing.tag, sealing.uid, flipped)).rejects.toThrow(CannotOpen);
  await expect(openSealed(pair, sealing.tag, sealing.uid, "0x")).rejects.toThrow(CannotOpen);
});

test("parse: what is not credentials: an error without its text", () => {
  for (const text of ['{"v":2}', "hunter2", '{"v":1,"mode":"webrtc"}', "null", '{"v":1,"mode":"x"}']) {
    expect(() => parseCredentials(text)).toThrow(CannotOpen);
    expect(() => parseCredentials(text)).not.toThrow(/hunter2/);
  }
});

test("keys: made, found again, never extractable", async () => {
  const about = { chainId: 1, contract: "0xAb" };
  const made = await newKey(about);
  expect(fromHex(made.publicKey)).toHaveLength(32);
  const kept = await findKey(made.publicKey.toUpperCase().replace("0X", "0x"));
  expect(kept?.pair.privateKey.extractable).toBe(false);
  await expect(crypto.subtle.exportKey("jwk", kept?.pair.privateKey as CryptoKey)).rejects.toThrow();
  expect((await allKeys(1, "0xAB")).map((key) => key.publicKey)).toEqual([made.publicKey]);
  expect(await allKeys(2, "0xab")).toEqual([]);
  await dropKey(made.publicKey.toUpperCase().replace("0X", "0x"));
  expect(await allKeys(1, "0xab")).toEqual([]);
});
