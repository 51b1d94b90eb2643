/**
 * A room's picture in every state a viewer can meet, on the room's page and in the bare player. No
 * state needs a reload to go away.
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Room } from "../../api/types";
import type { RoomState } from "../../api/use-room";
import { useText } from "../../i18n";
import type { HlsPhase } from "../../stream/watch-hls";
import type { WhepPhase } from "../../stream/watch-whep";
import { watchWhep } from "../../stream/watch-whep";
import { seedOf } from "../../ui/identicon";
import { endLabel } from "../../ui/labels";
import { Pill } from "../../ui/pill";
import { Stage, StageMessage } from "../../ui/stage";

export function Player({ state, onLive }: { state: RoomState; onLive?: (live: boolean | null) => void }) {
  if (state.kind !== "known") return <Without state={state} />;
  const { room } = state;
  if (room.status === "active" && room.playback !== null && room.expirable !== true) {
    const { whep_url, hls_url } = room.playback;
    if (whep_url !== null) return <Whep key={whep_url} room={room} url={whep_url} onLive={onLive} />;
    if (hls_url !== null) return <Hls key={hls_url} room={room} url={hls_url} onLive={onLive} />;
  }
  return <Still room={room} />;
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
      {room.status === "active" && room.gate !== null && room.expirable !== true && (
        <StageMessage title={t.viewer.gated}>{t.viewer.gatedMore}</StageMessage>
      )}
      {room.end !== null && <StageMessage title={t.viewer.ended}>{endLabel(t, room.end)}</StageMessage>}
    </Stage>
  );
}

interface Live {
  room: Room;
  url: string;
  onLive: ((live: boolean | null) => void) | undefined;
}

/** Whether the room is on air, as far as the player knows. */
function onAir(phase: (WhepPhase | HlsPhase)["kind"]): boolean | null {
  if (phase === "playing") return true;
  return phase === "waiting" ? false : null;
}

function Whep({ room, url, onLive }: Live): JSX.Element {
  const t = useText();
  const video = useRef<HTMLVideoElement>(null);
  const [phase, setPhase] = useState<WhepPhase>({ kind: "connecting" });
  const lifecycle = room.playback?.lifecycle_url ?? "";
  useEffect(() => {
    const stopping = new AbortController();
    void watchWhep(url, lifecycle, setPhase, stopping.signal);
    return () => stopping.abort();
  }, [url, lifecycle]);
  const playing = phase.kind === "playing";
  const live = onAir(phase.kind);
  useEffect(() => onLive?.(live), [live]);
  const stream = phase.kind === "playing" ? phase.stream : null;
  return (
    <Stage video={video} stream={stream} playing={playing} seed={seedOf(room)} corner={<LiveMark on={playing} />}>
      <PhaseWord kind={phase.kind} />
      {phase.kind === "blocked" && <StageMessage title={t.viewer.blocked}>{t.viewer.blockedMore}</StageMessage>}
    </Stage>
  );
}

function Hls({ room, url, onLive }: Live): JSX.Element {
  const t = useText();
  const video = useRef<HTMLVideoElement>(null);
  const [phase, setPhase] = useState<HlsPhase>({ kind: "connecting" });
  const lifecycle = room.playback?.lifecycle_url ?? "";
  useEffect(() => {
    const stopping = new AbortController();
    void import("../../stream/watch-hls").then(({ watchHls }) => {
      const element = video.current;
      if (element !== null && !stopping.signal.aborted) {
        void watchHls(url, lifecycle, element, setPhase, stopping.signal);
      }
    });
    return () => stopping.abort();
  }, [url, lifecycle]);
  const playing = phase.kind === "playing";
  const live = onAir(phase.kind);
  useEffect(() => onLive?.(live), [live]);
  return (
    <Stage video={video} stream={null} playing={playing} seed={seedOf(room)} corner={<LiveMark on={playing} />}>
      <PhaseWord kind={phase.kind} />
      {phase.kind === "unsupported" && <StageMessage title={t.viewer.noHls}>{t.viewer.noHlsMore}</StageMessage>}
    </Stage>
  );
}

function PhaseWord({ kind }: { kind: string }): JSX.Element | null {
  const t = useText();
  if (kind === "connecting") {
    return <span class="pulse" role="img" aria-label={t.viewer.connecting} />;
  }
  if (kind === "waiting") {
    return (
      <StageMessage title={t.viewer.waiting} pulse>
        {t.viewer.waitingMore}
      </StageMessage>
    );
  }
  if (kind === "reconnecting") {
    return (
      <StageMessage title={t.viewer.reconnecting} pulse>
        {t.viewer.reconnectingMore}
      </StageMessage>
    );
  }
  return null;
}

function LiveMark({ on }: { on: boolean }): JSX.Element | null {
  const t = useText();
  return on ? <Pill tone="live">{t.room.live}</Pill> : null;
}
