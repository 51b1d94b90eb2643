/** A host's channel: what its permanent link shows, kept true without a reload. */
import { useEffect, useState } from "preact/hooks";
import { getChannel } from "./client";
import { withPresence } from "./presence";
import type { Channel, Room } from "./types";
import { type ListSource, watchList } from "./watch-list";

const CALM_MS = 5_000; // a class waits at one link, and most of what happens on the chain is not about it

export type ChannelState =
  | { kind: "loading" }
  | { kind: "unreachable" }
  | { kind: "known"; channel: Channel; stale: boolean };

const roomsOf = ({ room, upcoming }: Channel): Room[] => [...(room === null ? [] : [room]), ...upcoming];

/** Which room is shown is the API's to say: what goes on or off air is asked about. */
const source = (host: string): ListSource<Channel> => ({
  get: (signal) => getChannel(host, signal, "no-store"),
  block: ({ index }) => index?.block ?? 0,
  rooms: roomsOf,
  waits: () => "awaited",
  take(shown, told) {
    const answer = {
      ...shown,
      room: shown.room && withPresence(shown.room, told),
      upcoming: shown.upcoming.map((room) => withPresence(room, told)),
    };
    const before = roomsOf(shown);
    const missing = roomsOf(answer).some((room, at) => (room.live === true) !== (before[at]?.live === true));
    return { answer, missing };
  },
  calm: CALM_MS,
});

export function watchChannel(host: string, tell: (state: ChannelState) => void): () => void {
  let channel: Channel | null = null;
  const list = watchList(source(host), (found) => {
    const stale = found === null;
    channel = found ?? channel;
    tell(channel === null ? { kind: "unreachable" } : { kind: "known", channel, stale });
  });
  return list.stop;
}

export function useChannel(host: string): ChannelState {
  const [state, setState] = useState<ChannelState>({ kind: "loading" });
  useEffect(() => {
    setState({ kind: "loading" });
    return watchChannel(host, setState);
  }, [host]);
  return state;
}
