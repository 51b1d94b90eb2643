/** What a private link brings, what stays of it in the address bar, and what may leave the page. */
import { beforeEach, expect, test, vi } from "vitest";
import { scrub } from "../src/base/scrub";
import { keep, kept, linksTaken, takeInvitation } from "../src/playback/invitation-link";
import { withToken } from "../src/playback/token-url";
import { storage } from "./fake-browser";
import { jwt } from "./playback-service";

const LINK = "AQABAgMEBQYHCAkKCwwNDg8Q".repeat(18);

let shown: string;
let session: Map<string, string>;

function open(address: string, refuses = false): void {
  const url = new URL(address, "https://rooms.example");
  vi.stubGlobal("location", { pathname: url.pathname, search: url.search, hash: url.hash });
  shown = url.pathname + url.search + url.hash;
  vi.stubGlobal("history", {
    state: null,
    replaceState(_state: unknown, _title: string, next: string) {
      if (refuses) throw new DOMException("x", "SecurityError");
      shown = next;
    },
  });
  takeInvitation();
}

beforeEach(() => {
  session = new Map();
  vi.stubGlobal("sessionStorage", storage(session));
  for (const room of ["live_7", "live_8"]) {
    keep("invitation", room, null);
    keep("session", room, null);
  }
});

test.each([
  [`/room/live_7#i=${LINK}`, "/room/live_7"],
  [`/embed/live_7/?theme=dark#i=${LINK}`, "/embed/live_7/?theme=dark"],
  [`/room/live_7#main&i=${LINK}`, "/room/live_7#main"],
])("%s: the address bar has the plain link", (address, plain) => {
  open(address);
  expect(shown).toBe(plain);
  expect(kept("invitation", "live_7")).toBe(LINK);
  expect(kept("invitation", "live_8")).toBe(null);
});

test("without an invitation nothing is touched", () => {
  const before = linksTaken.get();
  open("/room/live_7#main");
  expect(shown).toBe("/room/live_7#main");
  expect(linksTaken.get()).toBe(before);
});

test("on a page of no room it is taken out of the address, and kept for nobody", () => {
  open(`/studio/live_7#i=${LINK}`);
  expect(shown).toBe("/studio/live_7");
  expect(session.size).toBe(0);
});

test("what is no text of an invitation is not kept", () => {
  for (const text of ["", "<script>", "A".repeat(9_000)]) open(`/room/live_7#i=${text}`);
  expect(shown).toBe("/room/live_7");
  expect(kept("invitation", "live_7")).toBe(null);
});

test("the newest link counts: the session of the former one is forgotten", () => {
  keep("session", "live_7", "ls1.a.b");
  open(`/room/live_7#i=${LINK}`);
  expect(kept("session", "live_7")).toBe(null);
  open("/room/live_7#i=BBBB");
  expect(kept("invitation", "live_7")).toBe("BBBB");
});

test("a browser that keeps nothing, a frame that may not change its address: it is kept in memory", () => {
  vi.stubGlobal(
    "sessionStorage",
    storage(session, () => true),
  );
  open(`/embed/live_7#i=${LINK}`, true);
  expect(kept("invitation", "live_7")).toBe(LINK);
  expect(session.size).toBe(0);
});

const SECRETS = [LINK, "ls1.eyJyIjo3fQ.c2lnbmF0dXJl", jwt(1)];

test.each([
  `https://rooms.example/room/live_7#i=${LINK}`,
  `https://rooms.example/room/live_7#i=${LINK}&t=5`,
  `https://rooms.example/room/live_7#t=5&i=${LINK}`,
  encodeURIComponent(`https://rooms.example/room/live_7#i=${LINK}`),
  `mailto:x@y.example?subject=${encodeURIComponent(`live_7 ${LINK}`)}`,
  `the link ${LINK} does not work`,
  `Authorization: Bearer ${SECRETS[1]}`,
  `https://video.example/${SECRETS[2]}/manifest/video.m3u8?dvrEnabled=true`,
])("no secret is left in: %s", (text) => {
  const clean = scrub(text);
  for (const secret of SECRETS) expect(clean).not.toContain(secret);
  expect(clean).not.toContain(LINK.slice(0, 40));
});

test("a shared link is the plain one", () => {
  expect(scrub(`https://rooms.example/room/live_7#i=${LINK}`)).toBe("https://rooms.example/room/live_7");
});

test.each([
  "https://rooms.example/room/live_7#main",
  '<iframe src="https://rooms.example/embed/live_7" width="640" allow="autoplay; fullscreen"></iframe>',
  `0x${"ab".repeat(32)}`,
  `0x${"ab".repeat(400)}`,
  "0x52908400098527886E0F7030069857D2E4169EE7",
  "Lớp học đàn buổi tối #intro",
  "srt://live.example:778?passphrase=abc&streamid=x",
])("what has no secret comes back as it was: %s", (text) => {
  expect(scrub(text)).toBe(text);
});

test("a token's address: the token alone is another, and an address without one stays", () => {
  const url = `https://video.example/${jwt(1)}/manifest/stream_1.m3u8?useVODOTFE=false`;
  expect(withToken(url, jwt(2))).toBe(`https://video.example/${jwt(2)}/manifest/stream_1.m3u8?useVODOTFE=false`);
  expect(withToken(url, "0123abcd")).toBe("https://video.example/0123abcd/manifest/stream_1.m3u8?useVODOTFE=false");
  expect(withToken("https://video.example/0123abcd/lifecycle", jwt(2))).toBe(
    "https://video.example/0123abcd/lifecycle",
  );
  expect(withToken(url, null)).toBe(url);
});
