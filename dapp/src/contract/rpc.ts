/**
 * JSON-RPC to a node, over HTTP or through a wallet. Promises: each call ends within its time, with
 * the result, an `RpcError` (the node's own refusal, with its data), or `Unreachable`.
 */
import { type Address, isAddress } from "../base/hex";
import { within } from "../base/time";
import { wordsOf } from "./refusals";

export type RpcRequest = (method: string, params?: unknown[], signal?: AbortSignal) => Promise<unknown>;

export interface Provider {
  request(args: { method: string; params?: unknown }): Promise<unknown>;
  on?(event: string, listener: (...args: never[]) => void): void;
  removeListener?(event: string, listener: (...args: never[]) => void): void;
}

export class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data: unknown,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export class Unreachable extends Error {}

const PATIENCE_MS = 15_000;

export function overHttp(url: string): RpcRequest {
  let id = 0;
  return async (method, params = [], signal) => {
    let body: { result?: unknown; error?: { code: number; message: string; data?: unknown } };
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params }),
        signal: within(PATIENCE_MS, signal),
      });
      body = (await answer.json()) as typeof body;
      if (!("result" in body) && !body.error) throw new TypeError("not JSON-RPC");
    } catch {
      signal?.throwIfAborted();
      throw new Unreachable(method);
    }
    if (body.error) throw new RpcError(body.error.code, body.error.message, body.error.data);
    return body.result;
  };
}

export function overProvider(provider: Provider): RpcRequest {
  return async (method, params = [], signal) => {
    signal?.throwIfAborted();
    try {
      return await provider.request({ method, params });
    } catch (error) {
      throw asRpcError(error);
    }
  };
}

/** The same in a bounded time, for questions that need nobody's consent: a wallet may never answer. */
export function reading(request: RpcRequest): RpcRequest {
  return (method, params, signal) =>
    new Promise((resolve, reject) => {
      const silent = setTimeout(() => reject(new Unreachable(method)), PATIENCE_MS);
      const left = () => reject(signal?.reason);
      signal?.addEventListener("abort", left, { once: true });
      request(method, params, signal)
        .then(resolve, reject)
        .finally(() => {
          clearTimeout(silent);
          signal?.removeEventListener("abort", left);
        });
    });
}

/** What a wallet throws, in one shape. */
export function asRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  const { code, data } = (error ?? {}) as { code?: unknown; data?: unknown };
  const number = Number(code ?? NaN);
  return new RpcError(Number.isInteger(number) ? number : -32603, wordsOf(error), data ?? error, { cause: error });
}

export const quantity = (value: bigint | number): `0x${string}` => `0x${value.toString(16)}`;

export const chainOf = async (request: RpcRequest, signal?: AbortSignal): Promise<number> =>
  chainNumber(await request("eth_chainId", [], signal));

/** A chain's id as wallets write it: a number, in decimals, in hex of either case; else NaN. */
export function chainNumber(told: unknown): number {
  const number = typeof told === "string" && told.trim() !== "" ? Number(told) : told;
  return typeof number === "number" && Number.isSafeInteger(number) && number > 0 ? number : NaN;
}

/** The account in use, of those that a wallet lists; null if there is none. */
export function firstAccount(told: unknown): Address | null {
  const first: unknown = Array.isArray(told) ? told[0] : null;
  return typeof first === "string" && isAddress(first) ? first : null;
}

/** The newest block's number. */
export const headOf = async (request: RpcRequest, signal?: AbortSignal): Promise<number> =>
  Number(await request("eth_blockNumber", [], signal));

/** An account's next nonce; `pending`: after what the node holds already, if it tells. */
export async function nonceOf(
  request: RpcRequest,
  account: string,
  tag: "latest" | "pending",
  signal?: AbortSignal,
): Promise<number> {
  try {
    return Number(await request("eth_getTransactionCount", [account, tag], signal));
  } catch (error) {
    if (tag === "pending" && error instanceof RpcError) return nonceOf(request, account, "latest", signal);
    throw error;
  }
}
