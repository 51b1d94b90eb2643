/**
 * A room's broadcast credentials: read from the chain, opened with this browser's key.
 *
 * What is opened is kept, sealed, for this tab, so that a reload on air needs neither node nor wallet.
 * The API is only asked where to look; what it says is never believed: the sealed bytes come from
 * the contract's own events, for the tag and the live input that the contract names now.
 */

import type { Hex } from "viem";
import { getSealedPlace } from "../api/client";
import type { Room } from "../api/types";
import { sameHex } from "../base/hex";
import { roomNumber } from "../base/room-id";
import { recall, remember } from "../base/storage";
import { type ChainEvent, decode, topicOf, topicsOfRoom } from "../contract/events";
import { allLogs } from "../contract/logs";
import { headOf, type RpcRequest, Unreachable } from "../contract/rpc";
import { view } from "../contract/views";
import { allKeys, findKey, type KeptKey } from "./keys";
import type { Credentials } from "./open";

export type FoundCredentials =
  | { kind: "open"; credentials: Credentials; tag: string }
  /** The operator has not sealed them to the room's current key yet. */
  | { kind: "not-sealed" }
  /** They are sealed to a key that is not in this browser. */
  | { kind: "no-key" };

/** What is read from the chain and opened here: sealed, and of no use without this browser's key. */
interface Sealed {
  contract: string;
  tag: string;
  uid: string;
  bytes: Hex;
}

const KEPT = "sealed.";

export async function readCredentials(
  read: RpcRequest,
  chainId: number,
  room: Room,
  signal: AbortSignal,
): Promise<FoundCredentials> {
  const number = roomNumber(room.room_id);
  const { tag, uid } = await view({ request: read, contract: room.contract, signal }, "room", [number]);
  const bytes = await findSealed(read, room, number, tag, uid, signal);
  if (bytes === null) return { kind: "not-sealed" };
  const sealed = { contract: room.contract, tag, uid, bytes };
  remember(KEPT + room.room_id, JSON.stringify(sealed), "session");
  return openWithKeys(sealed, chainId, room);
}

/**
 * The credentials that this tab had last, without any node or wallet; null: none that open. They may
 * be old.
 */
export async function keptCredentials(chainId: number, room: Room): Promise<FoundCredentials | null> {
  try {
    const kept = JSON.parse(recall(KEPT + room.room_id, "session") ?? "null") as Sealed | null;
    if (kept === null || !sameHex(kept.contract, room.contract)) return null;
    const found = await openWithKeys(kept, chainId, room);
    return found.kind === "open" ? found : null;
  } catch {
    return null;
  }
}

async function openWithKeys({ tag, uid, bytes }: Sealed, chainId: number, room: Room): Promise<FoundCredentials> {
  const hinted = await findKey(room.ingest_key);
  const others = await allKeys(chainId, room.contract);
  const keys: KeptKey[] =
    hinted === undefined ? others : [hinted, ...others.filter((key) => key.publicKey !== hinted.publicKey)];
  // with its ciphers, a page's first load would be larger by a twentieth
  const { CannotOpen, openSealed } = await import("./open").catch(() => {
    throw new Unreachable("open");
  });
  for (const key of keys) {
    try {
      return { kind: "open", credentials: await openSealed(key.pair, tag, uid, bytes), tag };
    } catch (error) {
      if (!(error instanceof CannotOpen)) throw error;
    }
  }
  return { kind: "no-key" };
}

type Provisioned = Extract<ChainEvent, { name: "RoomProvisioned" }>;

/** What the newest RoomProvisioned sealed for this tag and live input. */
async function findSealed(
  read: RpcRequest,
  room: Room,
  number: bigint,
  tag: string,
  uid: string,
  signal: AbortSignal,
): Promise<Hex | null> {
  const topics = topicsOfRoom(number, [topicOf("RoomProvisioned")]);
  const fits = (event: ChainEvent | null): event is Provisioned =>
    event?.name === "RoomProvisioned" && event.args.tag === tag && event.args.uid === uid;
  const newest = async (from: number, to: number): Promise<Hex | null> => {
    const logs = await allLogs(read, { address: room.contract, topics, from, to }, signal);
    return logs.map(decode).findLast(fits)?.args.sealedIngest ?? null;
  };
  const place = await getSealedPlace(room.room_id, signal).catch(() => null);
  const found = place === null ? null : await newest(place.block, place.block);
  return found ?? newest(room.created.block, await headOf(read, signal));
}
