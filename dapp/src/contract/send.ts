/**
 * One transaction, step by step: simulated, signed, mined, confirmed.
 *
 * Promises: nothing is sent that would revert now; each step is told as it happens. A transaction
 * that a wallet replaced (speed-up) is not lost: a caller that waits for its effect sees that on chain.
 */
import type { Hex } from "viem";
import { Backoff, sleep } from "../base/time";
import type { Call } from "./calls";
import { Failed, failureOf } from "./failures";
import { headOf, quantity, type RpcRequest } from "./rpc";

export type TransactionStep =
  | { at: "checking" }
  | { at: "signing" }
  | { at: "sent"; hash: Hex }
  | { at: "mined"; hash: Hex; block: number }
  | { at: "confirmed"; hash: Hex; block: number };

/** Everything that one transaction needs. */
export interface TransactionContext {
  /** Where to read. */
  read: RpcRequest;
  /** The wallet. */
  wallet: RpcRequest;
  from: string;
  contract: string;
  confirmations: number;
  tell: (step: TransactionStep) => void;
  signal: AbortSignal;
}

export async function send(context: TransactionContext, call: Call): Promise<Hex> {
  const transaction = {
    from: context.from,
    to: context.contract,
    data: call.data,
    value: quantity(call.value),
  };
  try {
    context.tell({ at: "checking" });
    await context.read("eth_call", [transaction, "latest"], context.signal);
    context.tell({ at: "signing" });
    const hash = (await context.wallet("eth_sendTransaction", [transaction])) as Hex;
    context.tell({ at: "sent", hash });
    return hash;
  } catch (error) {
    context.signal.throwIfAborted();
    throw new Failed(failureOf(error));
  }
}

interface Receipt {
  blockNumber: Hex;
  status: Hex;
}

/** Waits until `hash` is mined, then until it is confirmed. Throws `Failed` if it reverted. */
export async function follow(context: TransactionContext, hash: Hex): Promise<number> {
  const block = await mined(context, hash);
  context.tell({ at: "mined", hash, block });
  await confirmed(context, block);
  context.tell({ at: "confirmed", hash, block });
  return block;
}

async function mined(context: TransactionContext, hash: Hex): Promise<number> {
  const backoff = new Backoff(400, 3_000);
  for (;;) {
    const receipt = (await patiently(context, (read, signal) =>
      read("eth_getTransactionReceipt", [hash], signal),
    )) as Receipt | null;
    if (receipt !== null) {
      if (BigInt(receipt.status) === 0n) {
        throw new Failed({ kind: "revert", name: "Reverted", args: [] });
      }
      return Number(receipt.blockNumber);
    }
    await sleep(backoff.take(), context.signal);
  }
}

async function confirmed(context: TransactionContext, block: number): Promise<void> {
  for (;;) {
    const head = await patiently(context, headOf);
    if (head - block >= context.confirmations) return;
    await sleep(700, context.signal);
  }
}

/** A question to the node that survives a node which is away for a moment. */
async function patiently<T>(
  context: TransactionContext,
  ask: (read: RpcRequest, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const backoff = new Backoff(500, 5_000);
  for (;;) {
    try {
      return await ask(context.read, context.signal);
    } catch {
      await sleep(backoff.take(), context.signal);
    }
  }
}
