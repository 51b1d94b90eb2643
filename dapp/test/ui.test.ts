/** What people read: labels, titles, numbers, codes to copy. */
import { expect, test, vi } from "vitest";
import { zeros } from "../src/base/hex";
import { plainTitle } from "../src/base/plain-text";
import { ETHER } from "../src/base/units";
import { textBytes } from "../src/contract/calls";
import type { EndReason } from "../src/contract/enums";
import { story } from "./vectors";

vi.stubGlobal("location", { pathname: "/", href: "https://rooms.example/", origin: "https://rooms.example" });
vi.stubGlobal("addEventListener", () => {});
vi.stubGlobal("document", { documentElement: { dataset: {} }, createElementNS: () => ({}) });
vi.stubGlobal("navigator", { languages: ["vi-VN"] });

const { language } = await import("../src/i18n");
const { en } = await import("../src/i18n/en");
const { vi: catalogue } = await import("../src/i18n/vi");
const { auditWords } = await import("../src/i18n/audit");
const { ago, count, dateTime, duration, elapsed, etherAmount } = await import("../src/i18n/format");
const { eventName } = await import("../src/pages/audit/timeline");
const { srtAddress } = await import("../src/pages/host/obs");
const { failureText } = await import("../src/ui/failure-note");
const { endLabel, stateLabel } = await import("../src/ui/labels");
const { modules } = await import("../src/ui/qr");
const { PlainText } = await import("../src/ui/room-title");
const { embedCode } = await import("../src/ui/share");

test("language: the browser's, where nothing is remembered", () => {
  expect(language.get()).toBe("vi");
});

test("titles: no control, no override, no tower; markup stays text", () => {
  expect(plainTitle(story.hostile)).toBe('<img src=x onerror="alert(1)"> txt.exe 🎥');
  expect(plainTitle("a\u0000b\nc\u200bd")).toBe("a b c d");
  expect(plainTitle(`z${"\u0300".repeat(50)}`)).toBe(`z${"\u0300".repeat(4)}`);
  expect(plainTitle("👩‍👩‍👧 gia đình")).toBe("👩‍👩‍👧 gia đình");
  expect(textBytes("Lớp học 🎥")).toBe(16);
});

test("descriptions: lines stay, controls and empty lines do not", () => {
  const text = "Mang theo đàn\r\n\n\n\nhttps://x.example \u202etxt\n";
  expect((PlainText({ text }) as { props: { children: string } }).props.children).toBe(
    "Mang theo đàn\n\nhttps://x.example txt",
  );
  expect(PlainText({ text: "\u0000\n " })).toBe(null);
});

test("why a room ended: one sentence, whoever asks; a word that is not known says nothing", () => {
  const words = (reason: string, detail = 0) => endLabel(en, { reason: reason as EndReason, detail });
  expect(words("declined", 3)).toBe(en.end.declined[3]);
  expect(words("taken_down", 99)).toBe(en.end.takenDown[4]);
  expect(words("host")).toBe(en.end.host);
  expect(words("something new")).toBe("");
});

test("a room's state: on air, not on air, and not known", () => {
  const room = { status: "active" as const, end: null, expirable: false, access: "public" as const };
  const word = (changes: object, live: boolean | null) => stateLabel(catalogue, { ...room, live, ...changes })[1];
  expect(word({}, true)).toBe("Trực tiếp");
  expect(word({}, false)).toBe("Chưa phát");
  expect(word({}, null)).toBe("Đang mở");
  expect(stateLabel(catalogue, { ...room, live: false }, true)[1]).toBe("Trực tiếp");
  expect(word({ access: "invitation" }, false)).toBe(catalogue.access.invitation);
  expect(word({ status: "pending" }, false)).toBe(catalogue.room.preparing);
  expect(word({ expirable: true }, false)).toBe(catalogue.room.expired);
  expect(word({ status: "ended" }, false)).toBe(catalogue.room.ended);
});

test("why a transaction failed: the catalogue's sentence, else the error's name", () => {
  const words = (name: string, args: unknown[] = []) => failureText(en, { kind: "revert", name, args }, "en");
  expect(words("TitleTooLong")).toBe(en.reverts.TitleTooLong);
  expect(words("RekeyTooSoon", [1n, 99n])).toBe(en.reverts.RekeyTooSoon(dateTime(99, "en")));
  const payment = { kind: "revert", name: "WrongPayment", args: [2n * ETHER, ETHER / 1000n, 0n] } as const;
  expect(failureText(en, payment, "en")).toBe(en.reverts.WrongPayment("2", "0.001", "0"));
  expect(failureText(catalogue, payment, "vi")).toBe(catalogue.reverts.WrongPayment("2", "0,001", "0"));
  expect(words("RegistryRetired", [zeros(20)])).toBe(en.reverts.RegistryRetired(""));
  expect(words("RegistryRetired", ["0x12"])).toBe(en.reverts.RegistryRetired("0x12"));
  expect(words("GateWithoutCode")).toBe(en.reverts.unknown("GateWithoutCode"));
  expect(words("toString")).toBe(en.reverts.unknown("toString"));
  const { en: audit } = auditWords;
  expect(eventName(audit, "RoomEnded")).toBe(audit.audit.events.RoomEnded);
  expect(eventName(audit, "toString")).toBe("toString");
});

test("numbers and times", () => {
  expect(elapsed(3723)).toBe("1:02:03");
  expect(elapsed(61)).toBe("1:01");
  expect(ago(0, 7_300, "en", "just now")).toBe("2 hours ago");
  expect(ago(0, 300, "vi", "vừa xong")).toBe("5 phút trước");
  expect(ago(0, 59, "vi", "vừa xong")).toBe("vừa xong");
  expect([ago(86_400, 0, "vi", ""), ago(0, 86_400, "en", "")]).toEqual(["ngày mai", "yesterday"]);
  expect(duration(86_400, "en")).toBe("24 hours");
  expect(duration(3_600, "en")).toBe("1 hour");
  expect(duration(600, "vi")).toBe("10 phút");
  expect(duration(90, "vi")).toBe("90 giây");
});

test("amounts: as the reader's language writes them, every digit", () => {
  const wei = (ether: bigint, rest: bigint) => ether * ETHER + rest;
  expect(etherAmount(1_100_000_000_000_000n, "en")).toBe("0.0011");
  expect(etherAmount(1_100_000_000_000_000n, "vi")).toBe("0,0011");
  expect(etherAmount(wei(1_234n, ETHER / 2n), "en")).toBe("1,234.5");
  expect(etherAmount(wei(1_234n, ETHER / 2n), "vi")).toBe("1.234,5");
  expect(etherAmount(wei(2n, 0n), "vi")).toBe("2");
  expect(etherAmount(wei(12n, 1n), "vi")).toBe(`12,${"0".repeat(17)}1`);
  expect([count(12_345, "en"), count(12_345, "vi")]).toEqual(["12,345", "12.345"]);
});

test("QR: one square per dark module", () => {
  expect(
    modules([
      [true, false],
      [false, true],
    ]),
  ).toBe("M0 0h1v1h-1zM1 1h1v1h-1z");
});

test("embed code: quoted, for this room", () => {
  expect(embedCode("https://rooms.example", "live_7")).toContain('src="https://rooms.example/embed/live_7"');
});

test("OBS by SRT: everything in one address, escaped", () => {
  const address = srtAddress({ url: "srt://live.example:778", streamId: "a b", passphrase: "p&q" });
  expect(address).toBe("srt://live.example:778?passphrase=p%26q&streamid=a%20b");
});
