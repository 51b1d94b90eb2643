/** What Cloudflare kept of a BROADCAST room. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { getRecordings } from "../api/client";
import type { Recording, Room } from "../api/types";
import { useText } from "../i18n";
import { clock } from "../i18n/format";
import { Icon } from "../ui/icons";
import { Stage } from "../ui/stage";

export function Recordings({ room }: { room: Room }): JSX.Element | null {
  const t = useText();
  const [found, setFound] = useState<Recording[]>([]);
  const [chosen, setChosen] = useState<Recording | null>(null);
  useEffect(() => {
    const stopping = new AbortController();
    getRecordings(room.room_id, stopping.signal)
      .then(setFound)
      .catch(() => {
        // no list, no section
      });
    return () => stopping.abort();
  }, [room.room_id, room.status, room.released]);
  if (found.length === 0) return null;
  return (
    <section class="block">
      <h2>{t.room.recordings}</h2>
      {chosen !== null && <Replay key={chosen.uid} recording={chosen} />}
      <ul class="rows">
        {found.map((recording, at) => (
          <li key={recording.uid}>
            <button class="row-button" onClick={() => setChosen(recording)} aria-pressed={chosen === recording}>
              <Icon name="play" />
              <span>{t.room.recording(at + 1)}</span>
              {recording.duration_seconds !== null && (
                <span class="dim">{clock(recording.duration_seconds)}</span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Replay({ recording }: { recording: Recording }): JSX.Element {
  const t = useText();
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<"loading" | "playing" | "failed">("loading");
  useEffect(() => {
    const stopping = new AbortController();
    void import("../stream/hls").then(async ({ playHls }) => {
      const element = video.current;
      if (element === null || stopping.signal.aborted) return;
      element.controls = true;
      const playing = () => setState("playing");
      const how = await playHls(recording.hls_url, element, playing, stopping.signal);
      if (!stopping.signal.aborted && how !== "stopped") setState("failed");
    });
    return () => stopping.abort();
  }, [recording.hls_url]);
  return (
    <Stage video={video} stream={null} playing={state === "playing"}>
      {state === "failed" ? <p>{t.room.recordingGone}</p> : <span class="pulse" aria-hidden="true" />}
    </Stage>
  );
}
