/** What Cloudflare kept of a BROADCAST room; of a private one, for those whom its service lets in. */
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Room } from "../../api/types";
import { useRecordings } from "../../api/use-recordings";
import { insist } from "../../base/time";
import { useText } from "../../i18n";
import { count, dateTime, elapsed, useLanguage } from "../../i18n/format";
import { fixedAddress, type PlayAddress } from "../../stream/address";
import { Icon } from "../../ui/icons";
import { Stage, StageMessage } from "../../ui/stage";

/** One that can be played. */
export interface Shown {
  uid: string;
  created_at: number | null;
  duration_seconds: number | null;
  address: PlayAddress;
}

export function Recordings({ room }: { room: Room }): JSX.Element | null {
  const found = useRecordings(room);
  const shown = useMemo(() => found.map((one) => ({ ...one, address: fixedAddress(one.hls_url) })), [found]);
  return shown.length === 0 ? null : <RecordingList found={shown} />;
}

/** `found`: newest first. */
export function RecordingList({ found }: { found: Shown[] }): JSX.Element {
  const t = useText();
  const lang = useLanguage();
  const [chosen, setChosen] = useState<Shown | null>(null);
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

function Replay({ recording }: { recording: Shown }): JSX.Element {
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
      const how = await playHls(recording.address, video.current, () => setState("playing"), signal);
      if (how === "failed") setState("failed");
    })().catch(() => {
      // no longer needed
    });
    return () => stopping.abort();
  }, [recording.uid, turn]);
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
