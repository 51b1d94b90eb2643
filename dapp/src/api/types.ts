/** Names for the shapes of the API's answers, which are made from its OpenAPI document. */
import type { components } from "./types.generated";

type Shapes = components["schemas"];

export type Config = Shapes["PageConfig"];
export type Access = Shapes["Access"];
export type End = Shapes["End"];
/** Whether a room is on air; null: not known. */
export interface OnAir {
  live: boolean | null;
  /** Unix seconds. */
  live_since: number | null;
  viewers: number | null;
}
/** In a list or by itself. */
export type Room = Shapes["ListedRoom"] & OnAir;
export type RoomAnswer = Shapes["RoomAnswer"] & OnAir;
/** A room of the stream's event `presence`. */
export type Presence = OnAir & { room_id: string };
export type IndexPosition = Shapes["Index"];
export type RoomList = Omit<Shapes["Rooms"], "rooms"> & { rooms: Room[]; presence: "known" | "unknown" };
/** A host's rooms, as the permanent link shows them. */
export interface Channel {
  host: string;
  shown: "on_air" | "next" | "last" | null;
  room: Room | null;
  upcoming: Room[];
  presence: "known" | "unknown";
  index: IndexPosition;
}
/** What a stream tells first. */
export type StreamPosition = Omit<Shapes["StreamPosition"], "room"> & { room: (Shapes["Room"] & OnAir) | null };
export type RoomEvent = Shapes["Event"];
export type RecordingList = Shapes["Recordings"];
export type Recording = Shapes["Recording"];
export type Ingest = Shapes["Ingest"];
export type IndexStatus = Shapes["IndexStatus"];
export type Problem = Shapes["Problem"];
export type EventList = Shapes["Events"];
