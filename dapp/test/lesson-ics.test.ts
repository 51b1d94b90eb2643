/** The calendar's file, held against RFC 5545: what a stranger writes stays text. */
import { describe, expect, test } from "vitest";
import { lessonIcs } from "../src/ui/lesson-ics";
import { story } from "./vectors";

const LINK = "https://rooms.example/room/live_1";
const START = Date.UTC(2026, 10, 30, 12, 15) / 1000;
const lesson = { ...story.room, starts_at: START, expires_at: START + 86_400, description: null, title: "Guitar" };

const file = (more: object = {}): string => lessonIcs({ ...lesson, ...more }, LINK, "Untitled") ?? "";
const about = (text: string) => ({ description: { about: text, lang: null, class: null } });

/** As a calendar reads it: unfolded lines. */
const lines = (text: string): string[] => text.replaceAll("\r\n ", "").split("\r\n").slice(0, -1);
const property = (text: string, name: string): string[] =>
  lines(text)
    .filter((line) => line.startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 1));
/** The text that a calendar shows. */
const plain = (value = ""): string => value.replace(/\\(.)/g, (_, it: string) => (it === "n" ? "\n" : it));
const octets = (text: string): number => new TextEncoder().encode(text).length;

const NAMES = [
  ...["BEGIN", "VERSION", "PRODID", "BEGIN", "UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND"],
  ...["SUMMARY", "DESCRIPTION", "URL", "END", "END"],
];

/** Whatever was given: one event, its properties in their order, lines that keep to the form. */
function expectWellFormed(text: string): void {
  expect(text.endsWith("\r\n")).toBe(true);
  expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  expect(lines(text).map((line) => line.slice(0, line.indexOf(":")))).toEqual(NAMES);
  for (const line of text.split("\r\n")) expect(octets(line)).toBeLessThanOrEqual(75);
}

test("a lesson: UTC, an hour, where to go, and the same name wherever the file comes from", () => {
  const text = file(about("Mang theo đàn"));
  expectWellFormed(text);
  expect(property(text, "DTSTART")).toEqual(["20261130T121500Z"]);
  expect(property(text, "DTEND")).toEqual(["20261130T131500Z"]);
  expect(property(text, "SUMMARY")).toEqual(["Guitar"]);
  expect(plain(property(text, "DESCRIPTION")[0])).toBe(`Mang theo đàn\n\n${LINK}`);
  expect(property(text, "URL")).toEqual([LINK]);
  const elsewhere = lessonIcs({ ...lesson, last_seq: 99, starts_at: START + 60 }, "https://other.example/x", "") ?? "";
  expect(property(elsewhere, "UID")).toEqual(property(text, "UID"));
  expect(property(text, "UID")).toEqual([`live_1.${story.room.contract.toLowerCase()}@livestream-rooms`]);
  expect(Number(property(elsewhere, "SEQUENCE")[0])).toBeGreaterThan(Number(property(text, "SEQUENCE")[0]));
});

describe("hostile titles and descriptions", () => {
  test.each([
    ["a line break", "Bài 1\r\nATTACH:https://evil.example/x"],
    ["each half of it", "a\rb\nc\u2028d\u2029e\u0085f\u000bg\u000ch"],
    ["its own end", "x\nEND:VEVENT\nEND:VCALENDAR\nBEGIN:VCALENDAR"],
    ["what the form escapes", "a;b,c\\n\\;\\"],
    ["a fold", "x\r\n DTSTART:19700101T000000Z"],
    ["half a character", "\ud83c\udfb8 \ud83c and \udfb8"],
    ["zero bytes and controls", "\u0000\u0007\u001b[31m\u007f\u202e"],
  ])("%s", (_, text) => {
    for (const made of [file({ title: text }), file(about(text)), file({ title: text, ...about(text) })]) {
      expectWellFormed(made);
      expect(property(made, "DTSTART")).toEqual(["20261130T121500Z"]);
    }
  });

  test("what is escaped reads as it was written", () => {
    expect(plain(property(file({ title: "a;b,c\\n\\" }), "SUMMARY")[0])).toBe("a;b,c\\n\\");
    expect(plain(property(file(about("một\r\n\r\nhai; ba")), "DESCRIPTION")[0])).toBe(`một\n\nhai; ba\n\n${LINK}`);
  });

  test("nothing left of a title: the word for that", () => {
    expect(property(file({ title: "\u200b \u0000" }), "SUMMARY")).toEqual(["Untitled"]);
  });
});

test("folding: Vietnamese and pictures of several bytes are never cut, at any length", () => {
  const words = "Nguyễn Thị Thuỷ dạy đàn nguyệt 🎸👩‍👩‍👧 ";
  for (let shift = 0; shift < 12; shift++) {
    const title = `${"x".repeat(shift)}${words.repeat(9)}`.trim();
    const text = file({ title });
    expectWellFormed(text);
    for (const line of text.split("\r\n")) expect(line).not.toMatch(/\p{Surrogate}/u);
    expect(property(text, "SUMMARY")).toEqual([title]);
  }
});

test("no plan, or one that the form has no year for: no file; a room that closes earlier: until then", () => {
  expect(lessonIcs({ ...lesson, starts_at: null }, LINK, "")).toBeNull();
  expect(lessonIcs({ ...lesson, starts_at: 2 ** 40 - 1 }, LINK, "")).toBeNull();
  expect(property(file({ expires_at: START + 600 }), "DTEND")).toEqual(["20261130T122500Z"]);
  expect(property(file({ expires_at: START - 600 }), "DTEND")).toEqual(["20261130T131500Z"]);
});
