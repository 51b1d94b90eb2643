/** The contract's views, each one `eth_call`. */
import {
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeFunctionResult,
  encodeFunctionData,
} from "viem";
import { abi } from "./abi";
import type { RpcRequest } from "./rpc";

type View = ContractFunctionName<typeof abi, "view">;
type Answer<N extends View> = ContractFunctionReturnType<typeof abi, "view", N>;
type Args<N extends View> = ContractFunctionArgs<typeof abi, "view", N>;

export interface CallTarget {
  request: RpcRequest;
  contract: string;
  /** A block number as hex, or a tag. */
  block?: string;
  signal?: AbortSignal;
}

export async function view<N extends View>(at: CallTarget, name: N, args: Args<N>): Promise<Answer<N>> {
  const data = encodeFunctionData({ abi: abi as Abi, functionName: name as string, args: args as unknown[] });
  const call = [{ to: at.contract, data }, at.block ?? "latest"];
  const result = (await at.request("eth_call", call, at.signal)) as `0x${string}`;
  return decodeFunctionResult({ abi: abi as Abi, functionName: name as string, data: result }) as Answer<N>;
}

export type RoomView = Answer<"room">;
export type Terms = Answer<"terms">;
export type Operator = Answer<"operator">;
