/**
 * A room's picture in every state a viewer can meet, on the room's page and in the bare player. No
 * state needs a reload to go away.
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Room } from "../../api/types";
import type { RoomState } from "../../api/use-room";
import { insist } from "../../base/time";
import { useText } from "../../i18n";
import { isPassing } from "../../stream/retries";
import type { HlsPhase } from "../../stream/watch-hls";
import type { WhepPhase } from "../../stream/watch-whep";
import { realParts, watchWhep } from "../../stream/watch-whep";
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
      {room.status === "active" && room.access !== "public" && room.expirable !== true && (
        <StageMessage title={t.viewer.gated}>{t.viewer.gatedMore[room.access]}</StageMessage>
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

type Phase = WhepPhase | HlsPhase;

/** Whether the room is on air, as far as the player knows. */
function onAir({ kind }: Phase): boolean | null {
  // a server gives a session only of what is live
  if (kind === "playing" || kind === "dark" || kind === "blocked") return true;
  return kind === "waiting" ? false : null;
}

const DARK_TRIES = 2; // then HLS, where the room has it
const HLS_CHANCE_MS = 20_000;

/** Whether this way will hardly lead to a picture here; another may. */
function isHopeless(phase: WhepPhase): boolean {
  if (phase.kind === "dark") return phase.tries >= DARK_TRIES;
  return phase.kind === "blocked" || (phase.kind === "trouble" && !isPassing(phase.why));
}

function Whep({ room, url, onLive }: Live): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const [phase, setPhase] = useState<WhepPhase>({ kind: "connecting" });
  const [hls, setHls] = useState<"no" | "now" | "failed">("no");
  const { lifecycle_url: lifecycle = "", hls_url = null } = room.playback ?? {};
  useEffect(() => {
    if (hls === "now" || video.current === null) return;
    const stopping = new AbortController();
    void watchWhep(url, lifecycle, setPhase, stopping.signal, realParts(video.current));
    return () => stopping.abort();
  }, [url, lifecycle, hls === "now"]);
  const hopeless = isHopeless(phase);
  useEffect(() => {
    if (hopeless && hls_url !== null && hls === "no") setHls("now");
  }, [hopeless]);
  useLiveMark(phase, onLive);
  if (hls === "now" && hls_url !== null) {
    return <Hls room={room} url={hls_url} onLive={onLive} onFailed={() => setHls("failed")} />;
  }
  const stream = phase.kind === "playing" || phase.kind === "dark" ? phase.stream : null;
  const playing = phase.kind === "playing";
  return (
    <Stage video={video} stream={stream} playing={playing} seed={seedOf(room)} corner={<LiveMark phase={phase} />}>
      <PhaseWord phase={phase} />
    </Stage>
  );
}

/** `onFailed`: nothing came for long, and there is another way. */
function Hls({ room, url, onLive, onFailed }: Live & { onFailed?: () => void }): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const [phase, setPhase] = useState<HlsPhase>({ kind: "connecting" });
  const [part, setPart] = useState<BroadcastPart | null>(null);
  const lifecycle = room.playback?.lifecycle_url ?? "";
  useEffect(() => {
    const stopping = new AbortController();
    const { signal } = stopping;
    void (async () => {
      const failed = () => setPhase({ kind: "unloaded" });
      const loaded = await insist(() => import("./broadcast-part"), failed, signal);
      setPart(loaded);
      if (video.current === null) return;
      await loaded.watchHls(url, lifecycle, video.current, setPhase, signal, loaded.realHlsParts(video.current));
    })().catch(() => {
      // no longer needed
    });
    return () => stopping.abort();
  }, [url, lifecycle]);
  const playing = phase.kind === "playing";
  useEffect(() => {
    if (playing || onFailed === undefined) return;
    const timer = setTimeout(onFailed, HLS_CHANCE_MS);
    return () => clearTimeout(timer);
  }, [playing]);
  useLiveMark(phase, onLive);
  const line = phase.kind === "playing" ? phase.line : null;
  return (
    <Stage
      video={video}
      stream={null}
      playing={playing}
      seed={seedOf(room)}
      corner={<LiveMark phase={phase} />}
      toLive={line === null || part === null ? undefined : () => part.playOn(line)}
      line={line !== null && part !== null && <part.Line of={line} />}
    >
      <PhaseWord phase={phase} />
    </Stage>
  );
}

type BroadcastPart = typeof import("./broadcast-part");

function useLiveMark(phase: Phase, onLive: Live["onLive"]): void {
  const live = onAir(phase);
  useEffect(() => onLive?.(live), [live]);
}

function PhaseWord({ phase }: { phase: Phase }): JSX.Element | null {
  const t = useText();
  switch (phase.kind) {
    case "playing":
      return null;
    case "connecting":
      return <span class="pulse" role="img" aria-label={t.viewer.connecting} />;
    case "waiting":
      return (
        <StageMessage title={t.viewer.waiting} pulse>
          {t.viewer.waitingMore}
        </StageMessage>
      );
    case "reconnecting":
      return (
        <StageMessage title={t.viewer.reconnecting} pulse>
          {t.viewer.reconnectingMore}
        </StageMessage>
      );
    case "blocked":
      return <StageMessage title={t.viewer.blocked}>{t.viewer.blockedMore}</StageMessage>;
    case "dark":
      return <StageMessage title={t.viewer.dark}>{t.viewer.darkMore}</StageMessage>;
    case "unloaded":
      return (
        <StageMessage title={t.viewer.unloaded} button={[t.viewer.reload, () => location.reload()]}>
          {t.viewer.unloadedMore}
        </StageMessage>
      );
    case "trouble": {
      if (phase.why === "unsupported") return <StageMessage title={t.viewer.noHls}>{t.viewer.noHlsMore}</StageMessage>;
      const { title, more } = t.viewer.trouble[phase.why];
      return <StageMessage title={title}>{more}</StageMessage>;
    }
  }
}

function LiveMark({ phase }: { phase: Phase }): JSX.Element | null {
  const t = useText();
  if (phase.kind !== "playing") return null;
  return (
    <>
      <Pill tone="live">{t.room.live}</Pill>
      {"voice" in phase && phase.voice && <Pill tone="off">{t.viewer.voice}</Pill>}
    </>
  );
}
