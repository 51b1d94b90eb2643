/** Names for the shapes of the API's answers, which are made from its OpenAPI document. */
import type { components } from "./types.generated";

type Shapes = components["schemas"];

export type Config = Shapes["PageConfig"];
export type Access = Shapes["Access"];
export type End = Shapes["End"];
/** In a list or by itself. */
export type Room = Shapes["ListedRoom"];
export type RoomAnswer = Shapes["RoomAnswer"];
/** A room of the stream's event `presence`. */
export type Presence = Shapes["RoomPresence"];
export type IndexPosition = Shapes["Index"];
export type RoomList = Shapes["Rooms"];
/** A host's rooms, as the permanent link shows them. */
export type Channel = Shapes["Host"];
/** What a stream tells first. */
export type StreamPosition = Shapes["StreamPosition"];
export type RoomEvent = Shapes["Event"];
export type RecordingList = Shapes["Recordings"];
export type Recording = Shapes["Recording"];
export type Ingest = Shapes["Ingest"];
export type IndexStatus = Shapes["IndexStatus"];
export type Problem = Shapes["Problem"];
export type EventList = Shapes["Events"];
