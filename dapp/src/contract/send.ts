/**
 * One transaction's road: simulated, signed, mined, confirmed.
 *
 * Promises: nothing is sent that would revert now; each step is told as it happens. A transaction
 * that a wallet replaced (speed-up) is not lost: whoever waits for its effect sees that on chain.
 */
import type { Hex } from "viem";
import { Backoff, sleep } from "../base/time";
import type { Call } from "./calls";
import { Failed, failureOf } from "./failures";
import { headOf, quantity, type Request } from "./rpc";

export type Step =
  | { at: "checking" }
  | { at: "signing" }
  | { at: "sent"; hash: Hex }
  | { at: "mined"; hash: Hex; block: number }
  | { at: "confirmed"; hash: Hex; block: number };

export interface Road {
  /** Where to read. */
  read: Request;
  /** The wallet. */
  wallet: Request;
  from: string;
  contract: string;
  confirmations: number;
  tell: (step: Step) => void;
  signal: AbortSignal;
}

export async function send(road: Road, call: Call): Promise<Hex> {
  const transaction = {
    from: road.from,
    to: road.contract,
    data: call.data,
    value: quantity(call.value),
  };
  try {
    road.tell({ at: "checking" });
    await road.read("eth_call", [transaction, "latest"], road.signal);
    road.tell({ at: "signing" });
    const hash = (await road.wallet("eth_sendTransaction", [transaction])) as Hex;
    road.tell({ at: "sent", hash });
    return hash;
  } catch (error) {
    road.signal.throwIfAborted();
    throw new Failed(failureOf(error));
  }
}

interface Receipt {
  blockNumber: Hex;
  status: Hex;
}

/** Waits until `hash` is mined, then until it is confirmed. Throws `Failed` if it reverted. */
export async function follow(road: Road, hash: Hex): Promise<number> {
  const block = await mined(road, hash);
  road.tell({ at: "mined", hash, block });
  await buried(road, block);
  road.tell({ at: "confirmed", hash, block });
  return block;
}

async function mined(road: Road, hash: Hex): Promise<number> {
  const backoff = new Backoff(400, 3_000);
  for (;;) {
    const receipt = (await patiently(road, (read, signal) => read("eth_getTransactionReceipt", [hash], signal))) as Receipt | null;
    if (receipt !== null) {
      if (BigInt(receipt.status) === 0n) {
        throw new Failed({ kind: "revert", name: "Reverted", args: [] });
      }
      return Number(receipt.blockNumber);
    }
    await sleep(backoff.take(), road.signal);
  }
}

async function buried(road: Road, block: number): Promise<void> {
  for (;;) {
    const head = await patiently(road, headOf);
    if (head - block >= road.confirmations) return;
    await sleep(700, road.signal);
  }
}

/** A question to the node that survives a node which is away for a moment. */
async function patiently<T>(road: Road, ask: (read: Request, signal: AbortSignal) => Promise<T>): Promise<T> {
  const backoff = new Backoff(500, 5_000);
  for (;;) {
    try {
      return await ask(road.read, road.signal);
    } catch {
      await sleep(backoff.take(), road.signal);
    }
  }
}
