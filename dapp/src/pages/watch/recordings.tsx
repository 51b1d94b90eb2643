/** What Cloudflare kept of a BROADCAST room. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Room } from "../../api/types";
import { type Playable, useRecordings } from "../../api/use-recordings";
import { insist } from "../../base/time";
import { useText } from "../../i18n";
import { count, dateTime, elapsed, useLanguage } from "../../i18n/format";
import { Icon } from "../../ui/icons";
import { Stage, StageMessage } from "../../ui/stage";

export function Recordings({ room }: { room: Room }): JSX.Element | null {
  const t = useText();
  const lang = useLanguage();
  const found = useRecordings(room);
  const [chosen, setChosen] = useState<Playable | null>(null);
  if (found.length === 0) return null;
  return (
    <section class="block">
      <h2>{t.room.recordings}</h2>
      {chosen !== null && <Replay key={chosen.uid} recording={chosen} />}
      <ul class="rows">
        {found.map((recording, at) => (
          <li key={recording.uid}>
            <button
              type="button"
              class="row-button"
              onClick={() => setChosen(recording)}
              aria-pressed={chosen?.uid === recording.uid}
            >
              <Icon name="play" />
              <span>
                {t.room.recording(count(found.length - at, lang))}
                <small>
                  {[
                    recording.created_at !== null && dateTime(recording.created_at, lang),
                    recording.duration_seconds !== null && elapsed(recording.duration_seconds),
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </small>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Replay({ recording }: { recording: Playable }): JSX.Element {
  const t = useText();
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<"loading" | "playing" | "failed" | "unloaded">("loading");
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const stopping = new AbortController();
    const { signal } = stopping;
    setState("loading");
    void (async () => {
      const { playHls } = await insist(
        () => import("./broadcast-part"),
        () => setState("unloaded"),
        signal,
      );
      if (video.current === null) return;
      const how = await playHls(recording.hls_url, video.current, () => setState("playing"), signal);
      if (how === "failed") setState("failed");
    })().catch(() => {
      // no longer needed
    });
    return () => stopping.abort();
  }, [recording.hls_url, turn]);
  return (
    <Stage video={video} stream={null} replay playing={state === "playing"}>
      {state === "loading" && <span class="pulse" aria-hidden="true" />}
      {state === "unloaded" && (
        <StageMessage title={t.viewer.unloaded} button={[t.viewer.reload, () => location.reload()]}>
          {t.viewer.unloadedMore}
        </StageMessage>
      )}
      {state === "failed" && (
        <StageMessage title={t.room.recordingGone} button={[t.common.again, () => setTurn(turn + 1)]} />
      )}
    </Stage>
  );
}
