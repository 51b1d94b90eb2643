/** Each rule stands once on the page's side: what it looks like, and the one file that has it. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { abi } from "../src/contract/abi";
import { END_REASONS, MODES, STATUSES } from "../src/contract/enums";
import { en } from "../src/i18n/en";

const SRC = new URL("../src", import.meta.url).pathname;
// by a program each
const MADE = ["contract/abi.ts", "api/types.generated.ts", "playback/types.generated.ts"];
const code = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !MADE.includes(name))
  .map((name) => [relative(SRC, join(SRC, name)), readFileSync(join(SRC, name), "utf8")] as const);

test.each([
  ["room ids", /live_(\$\{|\[|\()|slice\(5\)\)\s*;|\[1-9\]\[0-9\]/, "base/room-id.ts"],
  ["ether and gwei", /10n \*\*|\b10\d{8,}n\b|decimals: \d/, "base/units.ts"],
  ["reasons of an end", /"host", "expired"/, "contract/enums.ts"],
  ["numbers of modes and states", /=== 0 \? "webrtc"|"webrtc" \? 0|\? 3 : active|"webrtc" \| "broadcast"/, null],
  ["sentences of an end", /end\.(declined|takenDown)\b/, "ui/labels.ts"],
  ["zeros", /0x0[*+{]|0x\$\{"0"\.repeat|0{40}/, "base/hex.ts"],
  ["addresses", /\{40\}/, "base/hex.ts"],
  ["bytes and hex", /toString\(16\)\.padStart\(2|parseInt\(.*, 16\)/, "base/hex.ts"],
  ["the same account or hash", /toLowerCase\(\) [!=]==/, "base/hex.ts"],
  ["the chain's id", /"eth_chainId"/, "contract/rpc.ts"],
  ["the newest block", /"eth_blockNumber"/, "contract/rpc.ts"],
  ["a refusal in the wallet", /\b4001\b|-32002|\b4902\b/, "contract/refusals.ts"],
  ["the history's commitment", /slice\(0, (24|50)\)|padEnd\(66/, null],
  ["event streams", /new EventSource/, "api/live-query.ts"],
])("%s", (_, look, place) => {
  const files = code.filter(([, text]) => look.test(text)).map(([name]) => name);
  expect(files).toEqual(place === null ? [] : [place]);
});

describe("the contract's words", () => {
  const types = readFileSync(new URL("../../contracts/interfaces/ILivestreamTypes.sol", import.meta.url), "utf8");
  test.each([
    ["Mode", MODES],
    ["Status", STATUSES],
    ["EndReason", END_REASONS],
  ])("%s: in the contract's order", (name, words) => {
    const found = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(types)?.[1] ?? "";
    const numbers = found.split(",").map((word) => word.trim().toLowerCase());
    expect(words.map((word) => word ?? "none")).toEqual(numbers);
  });

  test("every sentence about a revert is of an error that the contract has", () => {
    const errors = abi.filter((item) => item.type === "error").map((item) => item.name as string);
    const ours = ["Reverted", "unknown"]; // by a receipt; for all others
    expect(Object.keys(en.reverts).filter((name) => !errors.includes(name))).toEqual(ours);
  });
});
