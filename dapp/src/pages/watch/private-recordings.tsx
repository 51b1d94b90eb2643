/** The recordings of a private BROADCAST room that has ended, for those who may watch them. */
import type { JSX } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import type { Room } from "../../api/types";
import { useText } from "../../i18n";
import { usePrivateText } from "../../i18n/private";
import type { PlaybackService } from "../../playback/client";
import { useAdmission, usePlaybackService } from "../../playback/use-admission";
import { Stage } from "../../ui/stage";
import { Door } from "./door";
import { RecordingList, type Shown } from "./recordings";

export function PrivateRecordings({ room }: { room: Room }): JSX.Element | null {
  const service = usePlaybackService(room);
  return service === null || service === "unknown" ? null : <Known room={room} service={service} />;
}

function Known({ room, service }: { room: Room; service: PlaybackService }): JSX.Element {
  const common = useText().room;
  const t = usePrivateText().playback;
  const video = useRef<HTMLVideoElement>(null);
  const [turn, setTurn] = useState(0);
  const [standing, admissions] = useAdmission(room.room_id, service, turn);
  const given = standing.kind === "in" ? standing.admission.recordings : null;
  // a renewal changes their addresses alone
  const names = (given ?? []).map((one) => one.uid).join(" ");
  const found = useMemo(
    () =>
      (given ?? []).map(
        ({ uid, created_at = null, duration = null }): Shown => ({
          uid,
          created_at,
          duration_seconds: duration,
          address: admissions.recording(uid),
        }),
      ),
    [admissions, names],
  );
  if (standing.kind !== "in") {
    return (
      <section class="block">
        <h2>{common.recordings}</h2>
        <p class="dim">{t.recordingsMore}</p>
        <Stage video={video} stream={null} playing={false}>
          <Door
            room={room}
            service={service}
            standing={standing}
            admissions={admissions}
            anew={() => setTurn((last) => last + 1)}
          />
        </Stage>
      </section>
    );
  }
  return found.length === 0 ? <p class="dim">{t.noRecordings}</p> : <RecordingList found={found} />;
}
