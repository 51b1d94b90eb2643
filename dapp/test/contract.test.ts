/** What the contract and its node answer, and refuse. */
import { encodeErrorResult } from "viem";
import { describe, expect, test } from "vitest";
import { abi } from "../src/contract/abi";
import { failureOf } from "../src/contract/failures";
import { logRanges } from "../src/contract/logs";
import { RpcError, Unreachable } from "../src/contract/rpc";

describe("why a transaction failed", () => {
  const data = encodeErrorResult({ abi, errorName: "RekeyTooSoon", args: [1n, 99n] });
  test("refused in the wallet: no error", () => {
    expect(failureOf({ code: 4001, message: "User rejected" })).toEqual({ kind: "declined" });
  });
  test.each([
    ["plain", { code: 3, message: "reverted", data }],
    ["nested once", { code: -32603, message: "x", data: { data } }],
    ["nested deep", { code: -32000, message: "x", data: { originalError: { code: 3, data } } }],
  ])("a revert, %s", (_, error) => {
    expect(failureOf(error)).toEqual({ kind: "revert", name: "RekeyTooSoon", args: [1n, 99n] });
  });
  test("no money, no node, anything", () => {
    expect(failureOf(new RpcError(-32000, "insufficient funds for gas", null)).kind).toBe("funds");
    expect(failureOf(new Unreachable("eth_call")).kind).toBe("unreachable");
    expect(failureOf(new Error("boom"))).toEqual({ kind: "other", message: "boom" });
  });
});

test("log ranges: a node that takes 5 blocks at once: every block once, in order", async () => {
  const seen: [number, number][] = [];
  const request = async (_: string, params: unknown[] = []) => {
    const [{ fromBlock, toBlock }] = params as [{ fromBlock: string; toBlock: string }];
    const [from, to] = [Number(fromBlock), Number(toBlock)];
    if (to - from >= 5) throw new RpcError(-32005, "too many blocks", null);
    seen.push([from, to]);
    return [];
  };
  const query = { address: "0x1", topics: [], from: 3, to: 40 };
  for await (const { upTo } of logRanges(request, query)) expect(upTo).toBe(seen.at(-1)?.[1]);
  expect(seen[0]?.[0]).toBe(3);
  expect(seen.at(-1)?.[1]).toBe(40);
  for (const [at, [from]] of seen.slice(1).entries()) expect(from).toBe((seen[at]?.[1] ?? 0) + 1);
});
