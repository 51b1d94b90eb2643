/** The shapes of the API's answers (docs/api.md). Wei are decimal strings, times unix seconds. */

import type { EndReason, Mode, Status } from "../contract/enums";

export interface Config {
  chain_id: number;
  contract: string;
  contracts: { address: string; start_block: number }[];
  confirmations: number;
  rpc_url: string | null;
  playback_hosts: string[];
  operator_contact: string | null;
  public_url: string | null;
  /** The local chain, where anybody may have test money. */
  demo: boolean;
}

interface Playback {
  whep_url: string | null;
  hls_url: string | null;
  lifecycle_url: string;
}

export interface End {
  reason: EndReason;
  detail: number;
  actor: string;
  at: number;
  block: number;
  tx: string;
}

export interface Room {
  room_id: string;
  contract: string;
  status: Status;
  mode: Mode;
  title: string;
  title_hex: string;
  host: string;
  pending_host: string | null;
  gate: string | null;
  operator_id: number;
  terms_id: number;
  created_at: number;
  deadline_at: number;
  expires_at: number;
  provisioned_at: number | null;
  uid: string | null;
  playback: Playback | null;
  ingest_key: string;
  key_version: number;
  tag: string;
  end: End | null;
  released: boolean;
  events: number;
  last_seq: number;
  created: { block: number; block_hash: string; tx: string; log_index: number };
  updated: { block: number; block_hash: string; tx: string; at: number };
  expirable?: boolean;
  finality?: string;
  index?: IndexPosition;
}

export interface IndexPosition {
  chain_id: number;
  contract: string;
  block: number;
  block_hash: string;
  seq: number;
  history: string;
  lag: { blocks: number; seconds: number };
}

export interface RoomList {
  rooms: Room[];
  next_cursor: string | null;
  index?: IndexPosition;
}

export interface RoomEvent {
  seq: number;
  name: string;
  room_id: string | null;
  actor: string;
  at: number;
  block: number;
  block_hash: string;
  tx: string;
  tx_index: number;
  log_index: number;
  args: Record<string, unknown>;
}

export interface EventList {
  events: RoomEvent[];
  next_cursor: string | null;
}

export interface Recording {
  uid: string;
  /** null: it plays only with a token. */
  hls_url: string | null;
  created_at: number | null;
  duration_seconds: number | null;
}
