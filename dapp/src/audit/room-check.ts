/**
 * Checks one room in the browser: that its events, as a node of the auditor's choice tells them, are
 * complete and give exactly the state the contract answers, and that the API tells the same.
 */
import { getEvents, getRoom } from "../api/client";
import type { Room, RoomEvent } from "../api/types";
import { isZero } from "../base/hex";
import { roomNumber } from "../base/room-id";
import { sleep } from "../base/time";
import { END_REASONS, MODES, STATUSES, type Status } from "../contract/enums";
import { type ChainEvent, decode, ROOM_TOPICS, topicsOfRoom } from "../contract/events";
import { allLogs } from "../contract/logs";
import { chainOf, headOf, quantity, type RpcRequest } from "../contract/rpc";
import { type RoomView, view } from "../contract/views";
import { type FoldedRoom, foldRoom } from "./room-fold";

type CheckName = "chain" | "count" | "order" | "tags" | "state" | "apiEvents" | "apiRoom";

interface Check {
  name: CheckName;
  ok: boolean;
  /** What differs, as `field: theirs ≠ ours`. */
  detail: string;
}

export interface CheckReport {
  checks: Check[];
  events: ChainEvent[];
  block: number;
}

interface Question {
  request: RpcRequest;
  chainId: number;
  contract: string;
  startBlock: number;
  id: string;
  signal: AbortSignal;
}

export async function checkRoom(ask: Question): Promise<CheckReport> {
  const { request, id, contract, signal } = ask;
  const seenChain = await chainOf(request, signal);
  const checks: Check[] = [];
  const check = (name: CheckName, differs: string[]) =>
    checks.push({ name, ok: differs.length === 0, detail: differs.join("; ") });
  check("chain", differences({ chain: [seenChain, ask.chainId] }));
  if (seenChain !== ask.chainId) return { checks, events: [], block: 0 };

  const { block, room, events: told } = await sameMoment(ask);
  const number = roomNumber(id);
  const at = { request, contract, block: quantity(block), signal };
  const state = await view(at, "room", [number]);
  const topics = topicsOfRoom(number, ROOM_TOPICS);
  const query = { address: contract, topics, from: ask.startBlock, to: block };
  const logs = await allLogs(request, query, signal);
  const events = logs.map((log) => decode(log)).filter((event) => event !== null);

  check("count", differences({ events: [events.length, state.events] }));
  check("order", ordered(events) ? [] : [events.map((event) => event.seq).join(", ")]);
  const folded = foldRoom(events, ask.chainId, contract);
  check("tags", folded?.tagsHold === true ? [] : ["tag"]);
  check("state", folded === null ? ["RoomCreated"] : stateDiffers(folded, state));
  check("apiEvents", eventsDiffer(told, events));
  check("apiRoom", folded === null ? ["RoomCreated"] : roomDiffers(room, folded));
  return { checks, events, block };
}

/** The API's answers, and a block at which the chain can be compared with them. */
async function sameMoment({ request, id, signal }: Question) {
  for (let tries = 0; ; tries++) {
    const block = await headOf(request, signal);
    const events = await getEvents(id, signal, "no-store");
    const room = await getRoom(id, signal, "no-store");
    const indexed = room.index.block;
    // the index must have come as far as the node, and the room must not have changed since
    const settled = room.events === events.length && room.updated.block <= block && indexed >= block;
    if (settled || tries >= 20) return { block: Math.max(block, room.updated.block), room, events };
    await sleep(300, signal);
  }
}

/** Names and values of what is not the same. */
function differences(pairs: Record<string, [unknown, unknown]>): string[] {
  return Object.entries(pairs)
    .filter(([, [one, other]]) => plain(one) !== plain(other))
    .map(([name, [one, other]]) => `${name}: ${plain(one)} ≠ ${plain(other)}`);
}

const plain = (value: unknown) => String(value).toLowerCase();

function ordered(events: ChainEvent[]): boolean {
  return events.every((event, at) => at === 0 || event.seq > (events[at - 1]?.seq ?? 0));
}

export function stateDiffers(ours: FoldedRoom, view: RoomView): string[] {
  return differences({
    host: [ours.host, view.host],
    pendingHost: [ours.pendingHost, view.pendingHost],
    createdAt: [ours.createdAt, view.createdAt],
    operatorId: [ours.operatorId, view.operatorId],
    termsId: [ours.termsId, view.termsId],
    mode: [ours.mode, view.mode],
    gated: [!isZero(ours.gate), view.gated],
    status: [statusOf(ours), STATUSES[view.status]],
    endReason: [ours.endReason, view.endReason],
    credited: [ours.ended ? ours.credited : view.host, view.host],
    released: [ours.released, view.released],
    uid: [ours.uid, view.uid],
    tag: [ours.tag, view.tag],
    keyVersion: [ours.keyVersion, view.keyVersion],
  });
}

const statusOf = ({ ended, uid }: FoldedRoom): Status => (ended ? "ended" : isZero(uid) ? "pending" : "active");

export function roomDiffers(told: Room, ours: FoldedRoom): string[] {
  const uid = isZero(ours.uid) ? null : ours.uid.slice(2);
  const pending = isZero(ours.pendingHost) ? null : ours.pendingHost;
  return differences({
    host: [told.host, ours.host],
    pending_host: [told.pending_host, pending],
    title: [told.title, ours.title],
    starts_at: [told.starts_at ?? 0, ours.startsAt],
    details: [told.details_hex, ours.details],
    mode: [told.mode, MODES[ours.mode]],
    gate: [told.gate, isZero(ours.gate) ? null : ours.gate],
    status: [told.status, statusOf(ours)],
    end: [told.end?.reason ?? null, END_REASONS[ours.endReason]],
    detail: [told.end?.detail ?? 0, ours.endDetail],
    uid: [told.uid?.replace("0x", "") ?? null, uid],
    ingest_key: [told.ingest_key, ours.ingestKey],
    tag: [told.tag, ours.tag],
    key_version: [told.key_version, ours.keyVersion],
    released: [told.released, ours.released],
    events: [told.events, ours.events],
    created_at: [told.created_at, ours.createdAt],
  });
}

export function eventsDiffer(told: RoomEvent[], ours: ChainEvent[]): string[] {
  const differs = differences({ events: [told.length, ours.length] });
  ours.forEach((event, at) => {
    const other = told[at];
    if (other === undefined) return;
    const found = differences({
      seq: [other.seq, event.seq],
      name: [other.name, event.name],
      actor: [other.actor, event.actor],
      at: [other.at, event.timestamp],
      block: [other.block, event.block],
      block_hash: [other.block_hash, event.blockHash],
      tx: [other.tx, event.tx],
    });
    differs.push(...found.map((text) => `#${event.seq} ${text}`));
  });
  return differs;
}
