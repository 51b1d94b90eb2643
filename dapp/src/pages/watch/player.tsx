/**
 * A room's picture in every state a viewer can meet, on the room's page and in the bare player. No
 * state needs a reload to go away.
 */
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Room } from "../../api/types";
import type { RoomState } from "../../api/use-room";
import { insist } from "../../base/time";
import { useText } from "../../i18n";
import { seedOf } from "../../ui/identicon";
import { endLabel } from "../../ui/labels";
import { Stage, StageMessage } from "../../ui/stage";
import { LivePicture, publicWay } from "./live";

interface Props {
  state: RoomState;
  onLive?: (live: boolean | null) => void;
  /** In the bare player. */
  bare?: boolean;
}

export function Player({ state, onLive, bare = false }: Props): JSX.Element {
  if (state.kind !== "known") return <Without state={state} />;
  const { room } = state;
  if (room.status !== "ended" && room.expirable !== true) {
    if (room.access !== "public") return <Private room={room} onLive={onLive} bare={bare} />;
    if (room.status === "active" && room.playback !== null) {
      return <Public room={room} playback={room.playback} onLive={onLive} />;
    }
  }
  return <Still room={room} />;
}

interface PublicProps {
  room: Room;
  playback: NonNullable<Room["playback"]>;
  onLive: Props["onLive"];
}

function Public({ room, playback, onLive }: PublicProps): JSX.Element {
  const { whep_url, hls_url, lifecycle_url } = playback;
  const way = useMemo(() => publicWay(playback), [whep_url, hls_url, lifecycle_url]);
  return <LivePicture key={whep_url ?? hls_url} room={room} way={way} onLive={onLive} />;
}

type PrivatePart = typeof import("./private-room");

/** What only private rooms need comes when one is looked at. */
function Private({ room, onLive, bare }: { room: Room; onLive: Props["onLive"]; bare: boolean }): JSX.Element {
  const t = useText();
  const video = useRef<HTMLVideoElement>(null);
  const [part, setPart] = useState<PrivatePart | "unloaded" | null>(null);
  useEffect(() => {
    const stopping = new AbortController();
    const failed = () => setPart("unloaded");
    insist(() => import("./private-room"), failed, stopping.signal).then(setPart, () => {});
    return () => stopping.abort();
  }, []);
  if (part !== null && part !== "unloaded") return <part.PrivateRoom room={room} onLive={onLive} bare={bare} />;
  return (
    <Stage video={video} stream={null} playing={false} seed={seedOf(room)}>
      {part === null && <span class="pulse" role="img" aria-label={t.common.loading} />}
      {part === "unloaded" && (
        <StageMessage title={t.viewer.unloaded} button={[t.viewer.reload, () => location.reload()]}>
          {t.viewer.unloadedMore}
        </StageMessage>
      )}
    </Stage>
  );
}

/** The room is not known (yet). */
function Without({ state }: { state: RoomState }): JSX.Element {
  const t = useText();
  const video = useRef<HTMLVideoElement>(null);
  return (
    <Stage video={video} stream={null} playing={false}>
      {state.kind === "loading" && <span class="pulse" role="img" aria-label={t.common.loading} />}
      {state.kind === "unknown" && <StageMessage title={t.viewer.unknown}>{t.viewer.unknownMore}</StageMessage>}
      {state.kind === "unreachable" && (
        <StageMessage title={t.common.unreachable} pulse>
          {t.common.tryingAgain}
        </StageMessage>
      )}
    </Stage>
  );
}

/** The room is known, and nothing can play in it now. */
function Still({ room }: { room: Room }): JSX.Element {
  const t = useText();
  const video = useRef<HTMLVideoElement>(null);
  return (
    <Stage video={video} stream={null} playing={false} seed={seedOf(room)}>
      {room.status === "pending" && room.expirable !== true && (
        <StageMessage title={t.viewer.preparing} pulse>
          {t.viewer.preparingMore}
        </StageMessage>
      )}
      {room.status !== "ended" && room.expirable === true && (
        <StageMessage title={t.viewer.expired}>{t.viewer.expiredMore}</StageMessage>
      )}
      {room.end !== null && <StageMessage title={t.viewer.ended}>{endLabel(t, room.end)}</StageMessage>}
    </Stage>
  );
}
