import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { en as enCommon } from "../src/i18n/en";
import { audit as enAudit } from "../src/i18n/en-audit";
import { channel as enChannel } from "../src/i18n/en-channel";
import { classes as enClasses } from "../src/i18n/en-class";
import { privateRoom as enPrivate } from "../src/i18n/en-private";
import { vi as viCommon } from "../src/i18n/vi";
import { audit as viAudit } from "../src/i18n/vi-audit";
import { channel as viChannel } from "../src/i18n/vi-channel";
import { classes as viClasses } from "../src/i18n/vi-class";
import { privateRoom as viPrivate } from "../src/i18n/vi-private";

/** Every word of the page: the common ones, and the parts that pages load by themselves. */
const en = { ...enCommon, ...enAudit, ...enChannel, ...enClasses, ...enPrivate };
const vi = { ...viCommon, ...viAudit, ...viChannel, ...viClasses, ...viPrivate };

const SRC = new URL("../src", import.meta.url).pathname;

function leaves(node: object, path: string[] = []): [string, unknown][] {
  return Object.entries(node).flatMap(([name, value]) =>
    value !== null && typeof value === "object"
      ? leaves(value, [...path, name])
      : [[[...path, name].join("."), value] as [string, unknown]],
  );
}

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : /\.tsx?$/.test(name) ? [path] : [];
  });
}

test("catalogues: the same strings, none empty, each function of the same arity", () => {
  const [english, vietnamese] = [new Map(leaves(en)), new Map(leaves(vi))];
  expect([...vietnamese.keys()].sort()).toEqual([...english.keys()].sort());
  for (const [name, value] of english) {
    const other = vietnamese.get(name);
    expect(typeof other, name).toBe(typeof value);
    if (typeof value === "string") {
      expect(value.trim(), name).not.toBe("");
      expect(String(other).trim(), name).not.toBe("");
    } else {
      expect((other as () => void).length, name).toBe((value as () => void).length);
    }
  }
});

test("catalogues: what differs is translated", () => {
  const same = leaves(en)
    .filter(([name, value]) => typeof value === "string" && new Map(leaves(vi)).get(name) === value)
    .map(([, value]) => value);
  const words = [
    "API",
    "Bearer token",
    "Bitrate",
    "Camera",
    "Chain ID",
    "Live input",
    "Livestream Rooms",
    "OBS",
    "Profile",
    "Stream key",
    "Tag",
  ];
  expect([...new Set(same)].sort()).toEqual(words);
});

test("catalogues: no string is unused", () => {
  const code = files(SRC)
    .filter((path) => !path.includes("/i18n/"))
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
  const dynamic =
    /^(end\.(declined|takenDown)\.|reverts\.|transaction\.|nav\.theme\.|audit\.(events|checks)\.|live\.(trouble|lack)\.|end\.|gate\.check\.|classList\.(role|refused)\.|playback\.(refused|away|kinds)\.)/;
  const unused = leaves(en)
    .map(([name]) => name)
    .filter((name) => !dynamic.test(name))
    .filter((name) => !new RegExp(`\\b${name.split(".").slice(-1)[0]}\\b`).test(code));
  expect(unused).toEqual([]);
});

/** Attributes that people read or hear. */
const SPOKEN = new Set(["title", "aria-label", "alt", "placeholder", "label", "word", "more"]);
const LETTERS = /\p{L}{2,}/u;

function outside(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const tell = (node: ts.Node, text: string) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${path.slice(SRC.length)}:${line + 1} ${text}`);
  };
  (function visit(node: ts.Node): void {
    if (ts.isJsxText(node) && LETTERS.test(node.text)) tell(node, node.text.trim());
    if (ts.isJsxAttribute(node) && SPOKEN.has(node.name.getText())) {
      const value = node.initializer;
      if (value && ts.isStringLiteral(value) && LETTERS.test(value.text)) tell(node, value.text);
    }
    if ((ts.isStringLiteral(node) || ts.isTemplateLiteralToken(node)) && isProse(node)) tell(node, node.text);
    ts.forEachChild(node, visit);
  })(source);
  return found;
}

/** A string of several words, or with Vietnamese letters, that is no class, error or other code. */
function isProse(node: ts.StringLiteral | ts.TemplateLiteralToken): boolean {
  if (!/\p{L}+[,.!?…]*\s+\p{L}+|[\u0103\u0111\u01a1\u01b0\u1ea0-\u1ef9]/u.test(node.text)) return false;
  for (let up: ts.Node = node; up.parent; up = up.parent) {
    const parent = up.parent;
    if (ts.isJsxAttribute(parent)) return SPOKEN.has(parent.name.getText());
    if (ts.isNewExpression(parent) && /Error|CannotOpen|Unavailable/.test(parent.expression.getText())) return false;
    if (ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.SuperKeyword) return false;
    if (ts.isImportDeclaration(parent) || ts.isTypeNode(parent)) return false;
  }
  return true;
}

/** Known to be no prose, each with its reason. */
const ALLOWED = [
  /wallet\/discovery\.ts:\d+ \S+ Wallet$/, // names of wallets
  /audit\/room-check\.ts.*field/, // names of fields in a report
  /ui\/share\.tsx:.*(iframe|allow|width|title)/, // the embed code is code
  /ui\/lesson-ics\.ts:\d+ PRODID:/, // a program's name in a calendar's file
  /playback\/delegation\.ts:\d+ Livestream Rooms$/, // the domain of what a wallet signs
  /pages\/audit\/(find-room|node-field)\.tsx.* (live_7|https:\/\/)$/, // examples of what to type
];

test("no string that people read stands outside the catalogues", () => {
  const found = files(SRC)
    .filter((path) => !path.includes("/i18n/") && !path.endsWith("contract/abi.ts"))
    .flatMap(outside)
    .filter((line) => !ALLOWED.some((allowed) => allowed.test(line)));
  expect(found).toEqual([]);
});

/** Words that the catalogues once had, each with the term that stands for it now (docs/page.md). */
const RETIRED = {
  en: ["road", "told", "mend", "whoever", "of late", "look into", "may be old", "fold", "seal", "does not answer"],
  vi: ["nút", "niêm phong", "thôi", "gộp", "hụt", "chuỗi", "chữ số", "phí mạng", "chủ phòng", "nhà vận hành"],
};

test.each([
  ["en", en],
  ["vi", vi],
] as const)("catalogues: %s keeps to the terms", (language, catalogue) => {
  const retired = new RegExp(`(?<!\\p{L})(${RETIRED[language].join("|")})`, "iu");
  expect(leaves(catalogue).filter(([, value]) => retired.test(String(value)))).toEqual([]);
});
