/** What wallets throw, as the wild has it, and what each means. */
import { describe, expect, test } from "vitest";
import { failureOf } from "../src/contract/failures";
import { type Meaning, meaningOf, wordsOf } from "../src/contract/refusals";
import { chainNumber, firstAccount } from "../src/contract/rpc";

const inside = (layer: string, error: unknown) => ({
  code: -32603,
  message: "Internal JSON-RPC error.",
  [layer]: error,
});

describe("one meaning for", () => {
  test.each<[string, unknown, Meaning]>([
    ["EIP-1193", { code: 4001, message: "x" }, "declined"],
    ["WalletConnect", { code: 5000, message: "x" }, "declined"],
    ["a code as text", { code: "4001" }, "declined"],
    ["ethers", { code: "ACTION_REJECTED", message: "x" }, "declined"],
    ["data.originalError", inside("data", { originalError: { code: 4001 } }), "declined"],
    ["error.cause", new Error("failed", { cause: { code: 4001, message: "x" } }), "declined"],
    ["info.error", { code: "UNKNOWN_ERROR", info: { error: { code: 4001 } } }, "declined"],
    ["words alone", new Error("User rejected the request."), "declined"],
    ["MetaMask's", { message: "MetaMask Tx Signature: User denied transaction signature." }, "declined"],
    ["Rejected by user", { code: -32603, message: "Rejected by user" }, "declined"],
    ["a string", "User rejected", "declined"],
    ["cancelled", "cancelled", "declined"],
    ["Canceled.", new Error("Canceled."), "declined"],
    ["Transaction was cancelled", new Error("Transaction was cancelled"), "declined"],
    ["Popup closed", new Error("Popup closed"), "declined"],
    ["user_cancel", { message: "user_cancel" }, "declined"],
    ["a question is open", { code: -32002, message: "Resource unavailable" }, "waiting"],
    ["the same, inside", inside("data", { code: -32002, message: "x" }), "waiting"],
    ["the same, in words", "Already processing eth_requestAccounts. Please wait.", "waiting"],
    ["Request already pending", { message: "Request of type 'x' already pending for origin" }, "waiting"],
    ["not allowed", { code: 4100, message: "not been authorized by the user" }, "unauthorized"],
    ["offline", { code: 4900, message: "x" }, "disconnected"],
    ["offline for a chain", { code: 4901 }, "disconnected"],
    ["chain unknown", { code: 4902 }, "unknown-chain"],
    ["chain unknown, inside", inside("data", { originalError: { code: 4902 } }), "unknown-chain"],
    ["chain unknown, in words", { code: -32603, message: 'Unrecognized chain ID "0x7a69".' }, "unknown-chain"],
    ["no such method", { code: 4200 }, "unsupported"],
    ["no such method, JSON-RPC", { code: -32601, message: "x" }, "unsupported"],
    ["a node out of time", { code: -32002, message: "request timed out" }, "other"],
    ["a node's own cancelling", { code: -32000, message: "context canceled" }, "other"],
    ["a node's rejection", { code: -32000, message: "transaction rejected: fee too low" }, "other"],
    ["nothing", undefined, "other"],
    ["null", null, "other"],
    ["a number", 7, "other"],
  ])("%s", (_, error, meaning) => {
    expect(meaningOf(error)).toBe(meaning);
  });

  test("an error that holds itself", () => {
    const error: Record<string, unknown> = { message: "x" };
    error.cause = error;
    expect(meaningOf(error)).toBe("other");
  });
});

test("a question that is open is not a refusal; a refusal without a word has a sentence", () => {
  expect(failureOf({ code: -32002, message: "x" })).toEqual({ kind: "waiting" });
  expect(failureOf(undefined)).toEqual({ kind: "other", message: "" });
  expect(failureOf("odd")).toEqual({ kind: "other", message: "odd" });
  expect(wordsOf({ code: 1, data: { message: "inner" } })).toBe("inner");
});

test.each([
  ["0x7a69", 31337],
  ["0X7A69", 31337],
  ["0x7A69", 31337],
  ["31337", 31337],
  [31337, 31337],
  ["", NaN],
  [null, NaN],
  [[1], NaN],
  ["eip155:1", NaN],
])("chain id %j is %d", (told, id) => {
  expect(chainNumber(told)).toBe(id);
});

test("the account in use, however it is told", () => {
  const mixed = "0xAbCdEf0123456789aBcDeF0123456789ABCDEF01";
  expect(firstAccount([mixed, "0x1"])).toBe(mixed);
  for (const odd of [[], null, {}, [null], ["0x12"], mixed]) expect(firstAccount(odd)).toBe(null);
});
