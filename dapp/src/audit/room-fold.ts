/** A room, folded from its events alone: what the contract must answer for it. Pure. */
import { toHex, zeros } from "../base/hex";
import type { ChainEvent } from "../contract/events";
import { roomTag } from "../contract/tags";

const NOBODY = zeros(20);
const NO_UID = zeros(16);

export interface FoldedRoom {
  roomId: bigint;
  host: string;
  pendingHost: string;
  createdAt: number;
  operatorId: number;
  termsId: number;
  mode: number;
  gate: string;
  ended: boolean;
  endReason: number;
  endDetail: number;
  /** Whom the contract credited at the end; nobody before it. */
  credited: string;
  released: boolean;
  uid: string;
  ingestKey: string;
  tag: string;
  keyVersion: number;
  events: number;
  title: string;
  /** 0: not told. */
  startsAt: number;
  details: string; // bytes, as hex
  /** Whether every tag in the events is the one that the rule gives. */
  tagsHold: boolean;
}

/** null: the first event does not create the room. */
export function foldRoom(events: ChainEvent[], chainId: number, contract: string): FoldedRoom | null {
  const first = events[0];
  if (first === undefined || first.name !== "RoomCreated") return null;
  const room: FoldedRoom = {
    roomId: first.args.roomId,
    host: first.actor,
    pendingHost: NOBODY,
    createdAt: first.timestamp,
    operatorId: first.args.operatorId,
    termsId: first.args.termsId,
    mode: first.args.mode,
    gate: first.args.gate,
    ended: false,
    endReason: 0,
    endDetail: 0,
    credited: NOBODY,
    released: false,
    uid: NO_UID,
    ingestKey: first.args.ingestKey,
    tag: first.args.tag,
    keyVersion: 1,
    events: events.length,
    title: first.args.title,
    startsAt: 0,
    details: toHex(new Uint8Array()),
    tagsHold: true,
  };
  room.tagsHold = room.tag === tagOf(room, { gate: room.gate }, chainId, contract);
  for (const event of events.slice(1)) apply(room, event, chainId, contract);
  return room;
}

function apply(room: FoldedRoom, event: ChainEvent, chainId: number, contract: string): void {
  switch (event.name) {
    case "RoomUpdated":
      room.title = event.args.title;
      break;
    case "RoomDescribed":
      room.startsAt = event.args.startsAt;
      room.details = toHex(event.bytes);
      break;
    case "RoomTransferStarted":
      room.pendingHost = event.args.to;
      break;
    case "RoomTransferred":
    case "RoomRekeyed": {
      if (event.name === "RoomTransferred") {
        room.host = event.actor;
        room.pendingHost = NOBODY;
      }
      const before = room.tag;
      room.ingestKey = event.args.ingestKey;
      room.keyVersion = event.args.keyVersion;
      room.tag = event.args.tag;
      room.tagsHold &&= room.tag === tagOf(room, { tag: before }, chainId, contract);
      break;
    }
    case "RoomProvisioned":
      room.uid = event.args.uid;
      room.tagsHold &&= event.args.tag === room.tag;
      break;
    case "RoomEnded":
      room.ended = true;
      room.endReason = event.args.reason;
      room.endDetail = event.args.detail;
      room.credited = event.args.host;
      break;
    case "RoomReleased":
      room.released = true;
      break;
  }
}

function tagOf(
  room: FoldedRoom,
  binding: { gate: string } | { tag: string },
  chainId: number,
  contract: string,
): string {
  return roomTag({
    chainId,
    contract,
    roomId: room.roomId,
    host: room.host,
    operatorId: BigInt(room.operatorId),
    mode: BigInt(room.mode),
    binding,
    ingestKey: room.ingestKey,
    keyVersion: BigInt(room.keyVersion),
  });
}
