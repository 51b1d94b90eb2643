/** Files for a spreadsheet, and names as they are pasted. */
import { expect, test, vi } from "vitest";
import type { Attendance } from "../src/playback/host-desk";

vi.stubGlobal("location", { pathname: "/", href: "https://rooms.example/", origin: "https://rooms.example" });
vi.stubGlobal("addEventListener", () => {});
vi.stubGlobal("document", { documentElement: { dataset: {} } });
vi.stubGlobal("navigator", { languages: ["en-GB"] });

const { classes } = await import("../src/i18n/en-class");
const { csv, namesOf, sheetTime } = await import("../src/playback/class-names");
const { attendanceFile, linksFile } = await import("../src/pages/host/class-files");

const t = classes as never;
const link = (name: string, number: number, more: object = {}) => ({
  hash: `0x${number}`,
  text: `text${number}`,
  name,
  number,
  seats: 1,
  revokedAt: null,
  revokeTold: false,
  ...more,
});

test("pasted names: one a line, without a copied list's numbers; two people may have one name", () => {
  expect(namesOf("1. Nguyễn Văn An\r\n2) Trần Bình \n\n• Lê Chi\nLê Chi\r3 Cô Ba")).toEqual([
    "Nguyễn Văn An",
    "Trần Bình",
    "Lê Chi",
    "Lê Chi",
    "3 Cô Ba",
  ]);
});

test.each(["=1+1", "+84", "-1", "@a", "\tb", "\rc"])("a cell that begins like %j is no formula", (text) => {
  expect(csv([[text]])).toMatch(/^\ufeff"?'/);
});

test("cells with commas, quotes and lines are quoted; the text begins with its mark", () => {
  expect(csv([["a,b", 'c"d', "e\nf", "Ấn"]])).toBe('\ufeff"a,b","c""d","e\nf",Ấn\r\n');
});

test("attendance: names by link, local time with its zone, whole minutes, strangers by number alone", () => {
  const rows: Attendance[] = [
    {
      who: { number: 2, address: null },
      role: "invited",
      link_hash: "0x2",
      entered: 1_790_000_600,
      last: 1_790_001_500,
      left: null,
    },
    {
      who: { number: 1, address: null },
      role: "invited",
      link_hash: "0x1",
      entered: 1_790_000_000,
      last: 0,
      left: 1_790_000_930,
    },
    {
      who: { number: 1, address: null },
      role: "invited",
      link_hash: "0x9",
      entered: 1_790_000_001,
      last: 0,
      left: 1_790_000_031,
    },
    {
      who: { number: null, address: "0xAb" },
      role: "holder",
      link_hash: null,
      entered: 1_790_000_002,
      last: 0,
      left: 1_790_000_002,
    },
  ];
  const known = [link("=An", 1), link("", 2, { seats: 30 })];
  const text = attendanceFile(t, known, { rows, now: 1_790_001_500 }, "Asia/Ho_Chi_Minh");
  expect(text.split("\r\n")).toEqual([
    "\ufeffName,Number,Wallet,As,From (Asia/Ho_Chi_Minh),Until (Asia/Ho_Chi_Minh),Minutes",
    `'=An,1,,Invited,${sheetTime(1_790_000_000, "Asia/Ho_Chi_Minh")},${sheetTime(1_790_000_930, "Asia/Ho_Chi_Minh")},16`,
    expect.stringMatching(/^,1,,Invited,/),
    expect.stringMatching(/^,,0xAb,Token holder,.*,0$/),
    expect.stringMatching(/^Group link,2,,Invited,2026-09-21 \d\d:\d\d:\d\d,,15$/),
    "",
  ]);
});

test("the file of links: those that hold", () => {
  const list = { links: [link("An", 1), link("Bình", 2, { revokedAt: 5 })] } as never;
  expect(linksFile(t, list, "https://rooms.example", "live_7")).toBe(
    "\ufeffName,Number,Link\r\nAn,1,https://rooms.example/room/live_7#i=text1\r\n",
  );
});
