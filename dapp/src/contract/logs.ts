/**
 * Logs over any range of blocks. Public nodes answer only so many blocks at once and say so each in
 * their own way; so the span is halved on any refusal and grows again while it goes well.
 */
import { sleep } from "../base/time";
import type { Log } from "./events";
import { quantity, type RpcRequest, Unreachable } from "./rpc";

export interface LogQuery {
  address: string;
  topics: (string | string[] | null)[];
  from: number;
  to: number;
}

const WIDEST = 1 << 20;
const TRIES = 4;

/** Hands over the logs of each range in order, with the last block that is done. */
export async function* logRanges(
  request: RpcRequest,
  query: LogQuery,
  signal?: AbortSignal,
): AsyncGenerator<{ logs: Log[]; upTo: number }> {
  let from = query.from;
  let span = WIDEST;
  let failures = 0;
  while (from <= query.to) {
    const to = Math.min(query.to, from + span - 1);
    try {
      const filter = {
        address: query.address,
        topics: query.topics,
        fromBlock: quantity(from),
        toBlock: quantity(to),
      };
      const logs = (await request("eth_getLogs", [filter], signal)) as Log[];
      failures = 0;
      yield { logs, upTo: to };
      from = to + 1;
      span = Math.min(WIDEST, span * 2);
    } catch (error) {
      signal?.throwIfAborted();
      failures += 1;
      const atOnce = Math.min(span, to - from + 1);
      if (error instanceof Unreachable || atOnce === 1) {
        if (failures >= TRIES) throw error;
        await sleep(400 * failures, signal);
      }
      span = Math.max(1, Math.floor(atOnce / (atOnce > 10_000 ? 10 : 2)));
    }
  }
}

export async function allLogs(request: RpcRequest, query: LogQuery, signal?: AbortSignal): Promise<Log[]> {
  const all: Log[] = [];
  for await (const { logs } of logRanges(request, query, signal)) all.push(...logs);
  return all;
}
