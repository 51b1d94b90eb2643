/**
 * A private room, as a viewer sees it: whether they may watch, what to do if not, and the picture. Loaded
 * when such a room is looked at; what a wallet needs comes later still, when one is wanted.
 */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Room } from "../../api/types";
import { useText } from "../../i18n";
import { usePrivateText } from "../../i18n/private";
import type { Admissions } from "../../playback/admission";
import type { Admission, PlaybackService, TokenPlayback } from "../../playback/client";
import { isFramed, offerEntrance } from "../../playback/hand-over";
import { withToken } from "../../playback/token-url";
import { useAdmission, usePlaybackService } from "../../playback/use-admission";
import { seedOf } from "../../ui/identicon";
import { Stage, StageMessage } from "../../ui/stage";
import { Door } from "./door";
import { LivePicture, type Way } from "./live";

interface Props {
  room: Room;
  onLive: ((live: boolean | null) => void) | undefined;
  /** In the bare player, which may be a window that another one opened to sign in. */
  bare: boolean;
}

export function PrivateRoom(props: Props): JSX.Element {
  const t = usePrivateText().playback;
  const { room, bare } = props;
  const service = usePlaybackService(room);
  const [handedOver, setHandedOver] = useState(false);
  useEffect(() => {
    if (handedOver) window.close();
  }, [handedOver]);
  if (handedOver) {
    return (
      <Frame room={room}>
        <StageMessage title={t.handedOver} />
      </Frame>
    );
  }
  if (service === null) {
    return (
      <Frame room={room}>
        <StageMessage title={t.none}>{t.noneMore}</StageMessage>
      </Frame>
    );
  }
  if (service === "unknown") {
    return (
      <Frame room={room}>
        <span class="pulse" role="img" aria-label={t.checking} />
      </Frame>
    );
  }
  return <Admitted {...props} service={service} onHandedOver={bare ? () => setHandedOver(true) : null} />;
}

function Frame({ room, children }: { room: Room; children: ComponentChildren }): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  return (
    <Stage video={video} stream={null} playing={false} seed={seedOf(room)}>
      {children}
    </Stage>
  );
}

interface AdmittedProps extends Props {
  service: PlaybackService;
  onHandedOver: (() => void) | null;
}

function Admitted({ room, service, onLive, onHandedOver }: AdmittedProps): JSX.Element {
  const t = useText();
  const [turn, setTurn] = useState(0);
  const [standing, admissions] = useAdmission(room.room_id, service, turn);
  useHandOver(room.room_id, admissions, standing.kind === "in", onHandedOver);
  useEffect(() => {
    if (standing.kind !== "in") onLive?.(null);
  }, [standing.kind]);
  if (standing.kind !== "in") {
    return (
      <Frame room={room}>
        <Door
          room={room}
          service={service}
          standing={standing}
          admissions={admissions}
          anew={() => setTurn((last) => last + 1)}
        />
      </Frame>
    );
  }
  const { playback } = standing.admission;
  if (playback === null) {
    return (
      <Frame room={room}>
        <StageMessage title={t.viewer.preparing} pulse>
          {t.viewer.preparingMore}
        </StageMessage>
      </Frame>
    );
  }
  const props = { room, admissions, admission: standing.admission, playback, onLive };
  return <Playing {...props} />;
}

interface PlayingProps {
  room: Room;
  admissions: Admissions;
  admission: Admission;
  playback: TokenPlayback;
  onLive: Props["onLive"];
}

function Playing({ room, admissions, admission, playback, onLive }: PlayingProps): JSX.Element {
  const t = usePrivateText().playback;
  const [whep, hls] = [playback.whep_url !== null, playback.hls_url !== null];
  // names the input: with its id in the token's place
  const plain = withToken(playback.lifecycle_url, room.uid);
  const way = useMemo(
    (): Way => ({
      whep: whep ? admissions.address("whep_url") : null,
      hls: hls ? admissions.address("hls_url") : null,
      lifecycle: plain,
      askLifecycle: (url, signal) => admissions.lifecycle(url, signal),
    }),
    [admissions, whep, hls, plain],
  );
  const marks: Partial<Record<Admission["role"], string>> = { moderator: t.asModerator, host: t.asHost };
  const mark = marks[admission.role] ?? (admission.moderators.length > 0 ? t.moderated : undefined);
  return <LivePicture key={`${whep}${hls}`} room={room} way={way} onLive={onLive} mark={mark} />;
}

/** In a window that a player inside another site opened: gives it the session as soon as there is one. */
function useHandOver(room: string, admissions: Admissions, isIn: boolean, done: (() => void) | null): void {
  const [wanted, setWanted] = useState(false);
  const give = useRef<(session: string) => void>(() => {});
  useEffect(() => {
    if (done === null || isFramed()) return;
    const stopping = new AbortController();
    give.current = offerEntrance(room, () => setWanted(true), done, stopping.signal);
    return () => stopping.abort();
  }, [room]);
  useEffect(() => {
    const session = wanted && isIn ? admissions.handOver() : null;
    if (session !== null) give.current(session);
  }, [wanted, isIn, admissions]);
}
