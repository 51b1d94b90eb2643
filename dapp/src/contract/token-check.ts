/**
 * Whether a contract can say who may watch: asked as the playback service asks it, `balanceOf(address)` with
 * 150,000 gas, answered by exactly 32 bytes (ERC-20, ERC-721).
 */
import { decodeFunctionResult, encodeFunctionData, type Hex } from "viem";
import type { Address } from "../base/hex";
import { quantity, RpcError, type RpcRequest } from "./rpc";

export type TokenAnswer =
  | "good"
  /** Nothing is at this address. */
  | "no-code"
  /** It reverts, burns its gas, or answers something else. */
  | "no-balance"
  /** Its balances are by the id of a token, of which nobody can be asked in general. */
  | "erc-1155";

const GAS = 150_000;
const ERC_1155 = "0xd9b67a26";
const abi = [
  {
    type: "function",
    name: "balanceOf",
    stateMutability: "view",
    inputs: [{ name: "account", type: "address" }],
    outputs: [{ name: "", type: "uint256" }],
  },
  {
    type: "function",
    name: "supportsInterface",
    stateMutability: "view",
    inputs: [{ name: "id", type: "bytes4" }],
    outputs: [{ name: "", type: "bool" }],
  },
] as const;

/** `holder`: whose balance is asked for. Throws `Unreachable` where the node is away. */
export async function checkToken(
  read: RpcRequest,
  token: Address,
  holder: Address,
  signal: AbortSignal,
): Promise<TokenAnswer> {
  const code = await read("eth_getCode", [token, "latest"], signal);
  if (code === "0x") return "no-code";
  const call = async (data: Hex): Promise<Hex | null> => {
    try {
      return (await read("eth_call", [{ to: token, data, gas: quantity(GAS) }, "latest"], signal)) as Hex;
    } catch (error) {
      if (error instanceof RpcError) return null;
      throw error;
    }
  };
  const balance = await call(encodeFunctionData({ abi, functionName: "balanceOf", args: [holder] }));
  if (balance?.length === 66) return "good";
  const many = await call(encodeFunctionData({ abi, functionName: "supportsInterface", args: [ERC_1155] }));
  return isTrue(many) ? "erc-1155" : "no-balance";
}

function isTrue(answer: Hex | null): boolean {
  try {
    return answer !== null && decodeFunctionResult({ abi, functionName: "supportsInterface", data: answer });
  } catch {
    return false; // no such function
  }
}
