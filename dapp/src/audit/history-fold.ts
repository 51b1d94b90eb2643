/**
 * Folds a contract's whole history in the browser and compares it with what the contract answers:
 * one equal hash proves that no event is missing, re-ordered or made up.
 */

import { sameHex, toHex } from "../base/hex";
import { sleep } from "../base/time";
import { decode } from "../contract/events";
import { commitment, genesis, nextHash } from "../contract/history";
import { logRanges } from "../contract/logs";
import { headOf, quantity, type RpcRequest } from "../contract/rpc";
import { view } from "../contract/views";

export interface FoldQuestion {
  request: RpcRequest;
  chainId: number;
  contract: string;
  startBlock: number;
  signal: AbortSignal;
  tell: (done: { events: number; of: number; block: number }) => void;
}

export interface FoldResult {
  ok: boolean;
  block: number;
  events: number;
  expected: number;
  hash: string;
  expectedHash: string;
  /** The first sequence number that is not where it belongs; null: none. */
  gapAt: number | null;
}

const EVENTS_AT_ONCE = 500; // then the page may draw

export async function foldHistory(ask: FoldQuestion): Promise<FoldResult> {
  const { request, contract, signal } = ask;
  const block = await headOf(request, signal);
  const at = { request, contract, block: quantity(block), signal };
  const [expected, expectedHash] = await view(at, "history", []);
  const of = Number(expected);
  let hash = genesis(ask.chainId, contract);
  let events = 0;
  let gapAt: number | null = null;
  const query = { address: contract, topics: [], from: ask.startBlock, to: block };
  ask.tell({ events, of, block: ask.startBlock });
  for await (const { logs, upTo } of logRanges(request, query, signal)) {
    for (const log of logs) {
      const event = decode(log);
      if (event === null) continue;
      events += 1;
      if (event.seq !== events) gapAt ??= events;
      hash = nextHash(hash, event);
      if (events % EVENTS_AT_ONCE === 0) {
        ask.tell({ events, of, block: event.block });
        await sleep(0, signal);
      }
    }
    ask.tell({ events, of, block: upTo });
  }
  const [ours, theirs] = [toHex(hash), commitment(expectedHash)];
  const ok = gapAt === null && events === of && sameHex(ours, theirs);
  return { ok, block, events, expected: of, hash: ours, expectedHash: theirs, gapAt };
}
