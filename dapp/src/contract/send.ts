/**
 * One call, from the check to its effect.
 *
 * Promises: nothing is sent that would revert now; what the wallet is asked for is kept before it is asked
 * (`begun.ts`), and the same is never asked for twice at a time, in no tab. A wallet's answer makes it quick, the
 * chain makes it true (`follow.ts`): an answer that is lost, late or of no use changes nothing.
 */
import { isTransactionHash } from "../base/hex";
import { sleep } from "../base/time";
import { type Begun, begunAt, dropBegun, keepBegun, slotOf } from "./begun";
import type { Call } from "./calls";
import type { ChainEvent } from "./events";
import { endsIt, Failed, failureOf, isUnsent } from "./failures";
import { type FollowContext, follow } from "./follow";
import { headOf, nonceOf, quantity, type RpcRequest } from "./rpc";

export { follow };

/** Everything that one transaction needs. */
export interface SendContext extends FollowContext {
  wallet: RpcRequest;
  chainId: number;
  account: string;
  contract: string;
}

/** The event that shows its effect. Throws `Failed`. */
export async function send(context: SendContext, call: Call): Promise<ChainEvent> {
  const { account, contract, chainId, signal, read } = context;
  const slot = slotOf({ account, contract, chainId, effect: call.effect });
  if (begunAt(slot) !== null) throw new Failed({ kind: "begun" });
  const transaction = { from: account, to: contract, data: call.data, value: quantity(call.value) };
  context.tell({ at: "checking" });
  let before: [unknown, number, number];
  try {
    before = await Promise.all([
      read("eth_call", [transaction, "latest"], signal),
      nonceOf(read, account, "pending", signal),
      headOf(read, signal),
    ]);
  } catch (error) {
    signal.throwIfAborted();
    throw new Failed(failureOf(error));
  }
  const [, nonce, since] = before;
  const record: Begun = {
    id: crypto.randomUUID(),
    chainId,
    contract,
    account,
    effect: call.effect,
    nonce,
    since,
    at: Date.now(),
    hash: null,
    fault: null,
  };
  const course = await exclusive(slot, () => {
    if (begunAt(slot) !== null) throw new Failed({ kind: "begun" });
    if (!keepBegun(record) && call.value > 0n) {
      dropBegun(record);
      throw new Failed({ kind: "keys", why: "refused" });
    }
    const end = askAndFollow(context, record, transaction);
    end.catch(() => {
      // told below
    });
    return { end };
  });
  return course.end;
}

async function askAndFollow(context: SendContext, record: Begun, transaction: object): Promise<ChainEvent> {
  let asking = true;
  let over = false;
  const settled = new AbortController();
  context.tell({ at: "signing", waiting: false });
  const refused = new Promise<never>((_, reject) => {
    context.wallet("eth_sendTransaction", [transaction]).then(
      (answer) => {
        asking = false;
        const hash = typeof answer === "string" && isTransactionHash(answer) ? answer : null;
        const there = begunAt(slotOf(record));
        // taken up even where the person no longer waited for it
        if (!over && (there === null || there.id === record.id)) keepBegun({ ...record, hash });
      },
      (error) => {
        asking = false;
        const failure = failureOf(error);
        if (isUnsent(failure)) {
          dropBegun(record);
          reject(new Failed(failure));
        } else if (begunAt(slotOf(record))?.id === record.id) {
          keepBegun({ ...record, fault: failure });
        }
      },
    );
  });
  refused.catch(() => {
    // the page may be left
  });
  try {
    // a look that was under way when the wallet refused has nothing more to tell
    const signal = AbortSignal.any([context.signal, settled.signal]);
    const found = await Promise.race([follow({ ...context, signal }, record, () => asking), refused]);
    over = true;
    return found;
  } catch (error) {
    over = error instanceof Failed && endsIt(error.failure);
    throw error;
  } finally {
    settled.abort();
    if (over) dropBegun(record);
  }
}

const SPREAD_MS = 200; // then every tab sees what is kept
const LOCK_MS = 1_500;

/** Alone among the tabs of this browser, and until they see what `work` has kept. */
async function exclusive<T>(name: string, work: () => T): Promise<T> {
  if (navigator.locks === undefined) return work();
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(new Failed({ kind: "begun" })), LOCK_MS);
  return navigator.locks.request(`livestream-rooms.${name}`, { signal: patience.signal }, async () => {
    clearTimeout(timer);
    const found = work();
    await sleep(SPREAD_MS);
    return found;
  });
}
