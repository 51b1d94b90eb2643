/**
 * Whether a call took effect, by the contract's own event. Promises: the same answer whatever became of
 * the transaction that was sent for it.
 */
import { sameHex, toHex } from "../base/hex";
import { addressWord, numberWord } from "./bytes";
import type { Effect } from "./calls";
import { type ChainEvent, decode, type Log, topicOf } from "./events";
import { allLogs } from "./logs";
import { headOf, type RpcRequest } from "./rpc";

/** A call's effect: by whom, where, and after which block. */
export interface Expected {
  contract: string;
  account: string;
  effect: Effect;
  since: number;
}

const AS_TOLD = ["title", "startsAt", "details"] as const;

/** The event that shows it, among a transaction's logs. */
export function shownIn(logs: Log[], { contract, account, effect }: Expected): ChainEvent | null {
  for (const log of logs) {
    if (!sameHex(log.address, contract)) continue;
    const event = decode(log);
    if (event?.name !== effect.event || !(anybodys(effect) || sameHex(event.actor, account))) continue;
    const said = event.args as Effect["args"] & { roomId?: bigint };
    const { ingestKey, to, ...plain } = effect.args;
    if (effect.room !== null && String(said.roomId) !== effect.room) continue;
    if (ingestKey !== undefined && !sameHex(said.ingestKey ?? null, ingestKey)) continue;
    if (to !== undefined && !sameHex(said.to ?? null, to)) continue;
    if (!AS_TOLD.every((name) => plain[name] === undefined || said[name] === plain[name])) continue;
    return event;
  }
  return null;
}

/** The event that shows it, on the chain; null: not yet. */
export async function lookFor(read: RpcRequest, of: Expected, signal: AbortSignal): Promise<ChainEvent | null> {
  const { contract, account, effect, since } = of;
  const to = await headOf(read, signal);
  const actor = anybodys(effect) ? null : toHex(addressWord(account));
  const topics = [topicOf(effect.event), actor];
  if (effect.room !== null) topics.push(toHex(numberWord(BigInt(effect.room))));
  return shownIn(await allLogs(read, { address: contract, topics, from: since + 1, to }, signal), of);
}

/** A room that somebody else ended (its time was up) is ended. */
const anybodys = ({ event }: Effect): boolean => event === "RoomEnded";
