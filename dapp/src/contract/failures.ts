/** Why a transaction would fail, or did: as a name and arguments that a catalogue can put in words. */
import { decodeErrorResult, type Hex } from "viem";
import { abi } from "./abi";
import { meaningOf } from "./refusals";
import { asRpcError, Unreachable } from "./rpc";

export type Failure =
  /** The person said no in the wallet: no error. */
  | { kind: "declined" }
  /** The wallet has an earlier question open: this one was not asked. */
  | { kind: "waiting" }
  /** Locked, or this account is not allowed here. */
  | { kind: "unauthorized" }
  /** The wallet has lost its network. */
  | { kind: "disconnected" }
  /** The wallet does not know this method. */
  | { kind: "unsupported" }
  /** The wallet did not go to this chain: the person must choose it there. */
  | { kind: "by-hand"; chainId: number }
  /** The wallet takes a chain with an https node only. */
  | { kind: "https"; chainId: number }
  | { kind: "revert"; name: string; args: readonly unknown[] }
  | { kind: "funds" }
  | { kind: "chain" }
  | { kind: "unreachable" }
  /** A part of the page could not be loaded. */
  | { kind: "part" }
  /** The browser cannot make or keep a room's key. */
  | { kind: "keys"; why: KeysMissing }
  /** The same is under way already, here or in another tab. */
  | { kind: "begun" }
  /** It would cost more than was shown, or give less. */
  | { kind: "dearer" }
  /** The person no longer waits for it. */
  | { kind: "stopped" }
  /** It was mined without effect, or another transaction took its place (a cancel in the wallet). */
  | { kind: "replaced" }
  /** It was not found, while the account's next transaction was. */
  | { kind: "lost" }
  | { kind: "other"; message: string };

/** No X25519; storage that is silent, refused or full. */
export type KeysMissing = "unsupported" | "silent" | "refused" | "full";

export class Failed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.kind);
  }
}

export function failureOf(error: unknown): Failure {
  if (error instanceof Failed) return error.failure;
  if (error instanceof Unreachable) return { kind: "unreachable" };
  for (const hex of hexes(asRpcError(error).data, 0)) {
    try {
      const { errorName, args } = decodeErrorResult({ abi, data: hex });
      return { kind: "revert", name: errorName, args: args ?? [] };
    } catch {
      // not one of ours
    }
  }
  const meaning = meaningOf(error);
  if (meaning === "unknown-chain") return { kind: "chain" };
  if (meaning !== "other") return { kind: meaning };
  const { message } = asRpcError(error);
  if (/insufficient funds|exceeds balance|insufficient balance/i.test(message)) return { kind: "funds" };
  return { kind: "other", message };
}

const UNSENT: readonly Failure["kind"][] = [
  "declined",
  "waiting",
  "unauthorized",
  "unsupported",
  "revert",
  "funds",
  "chain",
];

/** Whether it is sure that a wallet that answers this has sent nothing. */
export const isUnsent = (failure: Failure): boolean => UNSENT.includes(failure.kind);

const OUTDATED = ["TermsChanged", "WrongPayment"];

/** Whether the same, made anew of what the contract says now, may be accepted. */
export const isOutdated = (failure: Failure): boolean => failure.kind === "revert" && OUTDATED.includes(failure.name);

/** Whether a wait that failed so is over; what may have been sent is kept until the person says so. */
export const endsIt = ({ kind }: Failure): boolean => kind !== "lost" && kind !== "stopped";

/** Every hex string in what a wallet calls `data`; each nests it its own way. */
function* hexes(data: unknown, depth: number): Generator<Hex> {
  if (depth > 5 || data === null || data === undefined) return;
  if (typeof data === "string") {
    if (/^0x([0-9a-fA-F]{2}){4,}$/.test(data)) yield data as Hex;
  } else if (typeof data === "object") {
    for (const value of Object.values(data)) yield* hexes(value, depth + 1);
  }
}
