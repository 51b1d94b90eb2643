/**
 * A room that plays: its picture by WebRTC, or by HLS, and what is said while there is none. Whatever keeps
 * it from playing ends by itself. Where it plays is the caller's to say: a private room's addresses change.
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Room } from "../../api/types";
import { insist } from "../../base/time";
import { useText } from "../../i18n";
import { fixedAddress, type PlayAddress } from "../../stream/address";
import type { Lifecycle } from "../../stream/lifecycle";
import { isPassing } from "../../stream/retries";
import type { HlsPhase } from "../../stream/watch-hls";
import type { WhepPhase } from "../../stream/watch-whep";
import { realParts, watchWhep } from "../../stream/watch-whep";
import { seedOf } from "../../ui/identicon";
import { Pill } from "../../ui/pill";
import { Stage, StageMessage } from "../../ui/stage";

/** Where a room plays; the same object as long as the same broadcast is meant. */
export interface Way {
  whep: PlayAddress | null;
  hls: PlayAddress | null;
  /** Names the input. */
  lifecycle: string;
  /** In place of asking at `lifecycle`. */
  askLifecycle?: (url: string, signal: AbortSignal) => Promise<Lifecycle>;
}

/** Of a room that everybody may watch. */
export const publicWay = ({ whep_url, hls_url, lifecycle_url }: NonNullable<Room["playback"]>): Way => ({
  whep: whep_url === null ? null : fixedAddress(whep_url),
  hls: hls_url === null ? null : fixedAddress(hls_url),
  lifecycle: lifecycle_url,
});

interface LiveProps {
  room: Room;
  way: Way;
  onLive: ((live: boolean | null) => void) | undefined;
  /** Beside the mark that it is live. */
  mark?: string | undefined;
}

export function LivePicture({ way, ...props }: LiveProps): JSX.Element | null {
  if (way.whep !== null) return <Whep {...props} way={way} whep={way.whep} />;
  if (way.hls !== null) return <Hls {...props} way={way} hls={way.hls} />;
  return null;
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

function Whep({ whep, ...props }: LiveProps & { whep: PlayAddress }): JSX.Element {
  const { room, way, onLive, mark } = props;
  const video = useRef<HTMLVideoElement>(null);
  const [phase, setPhase] = useState<WhepPhase>({ kind: "connecting" });
  const [hls, setHls] = useState<"no" | "now" | "failed">("no");
  useEffect(() => {
    if (hls === "now" || video.current === null) return;
    const stopping = new AbortController();
    const parts = { ...realParts(video.current), ...asking(way) };
    void watchWhep(whep, way.lifecycle, setPhase, stopping.signal, parts);
    return () => stopping.abort();
  }, [way, hls === "now"]);
  const hopeless = isHopeless(phase);
  useEffect(() => {
    if (hopeless && way.hls !== null && hls === "no") setHls("now");
  }, [hopeless]);
  useLiveMark(phase, onLive);
  if (hls === "now" && way.hls !== null) {
    return <Hls {...props} hls={way.hls} onFailed={() => setHls("failed")} />;
  }
  const stream = phase.kind === "playing" || phase.kind === "dark" ? phase.stream : null;
  const playing = phase.kind === "playing";
  return (
    <Stage
      video={video}
      stream={stream}
      playing={playing}
      seed={seedOf(room)}
      corner={<LiveMark phase={phase} mark={mark} />}
    >
      <PhaseWord phase={phase} />
    </Stage>
  );
}

/** `onFailed`: nothing came for long, and there is another way. */
function Hls(props: LiveProps & { hls: PlayAddress; onFailed?: () => void }): JSX.Element {
  const { room, way, hls, onLive, mark, onFailed } = props;
  const video = useRef<HTMLVideoElement>(null);
  const [phase, setPhase] = useState<HlsPhase>({ kind: "connecting" });
  const [part, setPart] = useState<BroadcastPart | null>(null);
  useEffect(() => {
    const stopping = new AbortController();
    const { signal } = stopping;
    void (async () => {
      const failed = () => setPhase({ kind: "unloaded" });
      const loaded = await insist(() => import("./broadcast-part"), failed, signal);
      setPart(loaded);
      if (video.current === null) return;
      const parts = { ...loaded.realHlsParts(video.current), ...asking(way) };
      await loaded.watchHls(hls, way.lifecycle, video.current, setPhase, signal, parts);
    })().catch(() => {
      // no longer needed
    });
    return () => stopping.abort();
  }, [way]);
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
      corner={<LiveMark phase={phase} mark={mark} />}
      toLive={line === null || part === null ? undefined : () => part.playOn(line)}
      line={line !== null && part !== null && <part.Line of={line} />}
    >
      <PhaseWord phase={phase} />
    </Stage>
  );
}

/** How it is asked whether it is live, where that is another way than the usual one. */
const asking = ({ askLifecycle }: Way) => (askLifecycle === undefined ? {} : { lifecycle: askLifecycle });

type BroadcastPart = typeof import("./broadcast-part");

function useLiveMark(phase: Phase, onLive: LiveProps["onLive"]): void {
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

function LiveMark({ phase, mark }: { phase: Phase; mark: string | undefined }): JSX.Element | null {
  const t = useText();
  if (phase.kind !== "playing") return null;
  return (
    <>
      <Pill tone="live">{t.room.live}</Pill>
      {mark !== undefined && <Pill tone="good">{mark}</Pill>}
      {"voice" in phase && phase.voice && <Pill tone="off">{t.viewer.voice}</Pill>}
    </>
  );
}
