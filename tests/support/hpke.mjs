// Seals and opens with @hpke/core as a page would, for tests and for the committed vectors.
// stdin: {"op": "seal", "publicKey", "info", "text"} or {"op": "open", "privateKey", "info", "sealed"}
// (hex, `text` plain); stdout: {"sealed"} or {"text"}; {"error"} if the library refuses.
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";

const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

async function seal({ publicKey, info, text }) {
  const recipientPublicKey = await suite.kem.deserializePublicKey(bytes(publicKey));
  const message = new TextEncoder().encode(text);
  const { enc, ct } = await suite.seal({ recipientPublicKey, info: bytes(info) }, message);
  return { sealed: Buffer.concat([Buffer.from(enc), Buffer.from(ct)]).toString("hex") };
}

async function open({ privateKey, info, sealed }) {
  const recipientKey = await suite.kem.deserializePrivateKey(bytes(privateKey));
  const message = bytes(sealed);
  const text = await suite.open(
    { recipientKey, enc: message.slice(0, 32), info: bytes(info) },
    message.slice(32),
  );
  return { text: new TextDecoder().decode(text) };
}

let input = "";
for await (const chunk of process.stdin) input += chunk;
const request = JSON.parse(input);
try {
  const answer = request.op === "seal" ? await seal(request) : await open(request);
  process.stdout.write(JSON.stringify(answer));
} catch (error) {
  process.stdout.write(JSON.stringify({ error: error.name }));
}
