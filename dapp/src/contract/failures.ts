/** Why a transaction would fail, or did: as a name and arguments that a catalogue can put in words. */
import { decodeErrorResult, type Hex } from "viem";
import { abi } from "./abi";
import { asRpcError, DECLINED, RpcError, Unreachable } from "./rpc";

export type Failure =
  /** The person said no in the wallet: no error. */
  | { kind: "declined" }
  | { kind: "revert"; name: string; args: readonly unknown[] }
  | { kind: "funds" }
  | { kind: "chain" }
  | { kind: "unreachable" }
  | { kind: "keys" }
  | { kind: "other"; message: string };

export class Failed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.kind);
  }
}

const BUSY = -32002; // the wallet's window is already open: the person must look there

export function failureOf(error: unknown): Failure {
  if (error instanceof Failed) return error.failure;
  if (error instanceof Unreachable) return { kind: "unreachable" };
  const { code, message, data } = asRpcError(error);
  if (code === DECLINED || code === BUSY) return { kind: "declined" };
  for (const hex of hexes(data, 0)) {
    try {
      const { errorName, args } = decodeErrorResult({ abi, data: hex });
      return { kind: "revert", name: errorName, args: args ?? [] };
    } catch {
      // not one of ours
    }
  }
  if (/insufficient funds|exceeds balance|insufficient balance/i.test(message)) return { kind: "funds" };
  return { kind: "other", message: error instanceof RpcError || message ? message : String(error) };
}

/** Every hex string in what a wallet calls `data`; each nests it its own way. */
function* hexes(data: unknown, depth: number): Generator<Hex> {
  if (depth > 5 || data === null) return;
  if (typeof data === "string") {
    if (/^0x([0-9a-fA-F]{2}){4,}$/.test(data)) yield data as Hex;
  } else if (typeof data === "object") {
    for (const value of Object.values(data)) yield* hexes(value, depth + 1);
  }
}
