/**
 * A room's broadcast credentials: read from the chain, opened with this browser's key.
 *
 * The API is only asked where to look; what it says is never believed: the sealed bytes come from
 * the contract's own events, for the tag and the live input that the contract names now.
 */

import type { Hex } from "viem";
import { getSealedPlace } from "../api/client";
import type { Room } from "../api/types";
import { roomNumber } from "../base/room-id";
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

export async function readCredentials(
  read: RpcRequest,
  chainId: number,
  room: Room,
  signal: AbortSignal,
): Promise<FoundCredentials> {
  const number = roomNumber(room.room_id);
  const now = await view({ request: read, contract: room.contract, signal }, "room", [number]);
  const sealed = await findSealed(read, room, number, now.tag, now.uid, signal);
  if (sealed === null) return { kind: "not-sealed" };
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
      return { kind: "open", credentials: await openSealed(key.pair, now.tag, now.uid, sealed), tag: now.tag };
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
