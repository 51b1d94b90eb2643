/** Going live from this browser: preview, devices, mute, on air. */
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { giveHint } from "../../api/client";
import type { Room } from "../../api/types";
import { useStore } from "../../base/store";
import { useText } from "../../i18n";
import { count, elapsed, useLanguage, useNow } from "../../i18n/format";
import { type Broadcaster, broadcasterOf } from "../../stream/broadcaster";
import { canShareScreen, isMirrored, type Source } from "../../stream/devices";
import type { Sent } from "../../stream/whip-publisher";
import { Icon } from "../../ui/icons";
import { Pill } from "../../ui/pill";
import { StageMessage } from "../../ui/stage";
import { AirNotes } from "./air-notes";
import { DevicePicker } from "./device-picker";
import { InputNotes } from "./input-notes";
import { VoiceLevel } from "./voice-level";

interface Props {
  room: Room;
  whip: string;
  /** The credentials are no longer good: read them again. */
  onRefused: () => void;
}

export function GoLive({ room, whip, onRefused }: Props): JSX.Element {
  const broadcaster = useMemo(() => broadcasterOf(room.room_id, whip), [room.room_id, whip]);
  const air = useStore(broadcaster.air);
  const { source } = useStore(broadcaster.picture);
  const hinted = useRef(false);
  const onAir = air.kind === "live" || air.kind === "reconnecting" || air.kind === "connecting";

  useEffect(() => {
    // a reload goes on where it was; a screen needs the person's choice again
    const { picture } = broadcaster;
    if (picture.get().source === null && broadcaster.before()?.source === "camera") void broadcaster.resume("camera");
    return broadcaster.show();
  }, [broadcaster]);

  useEffect(() => {
    if (air.kind === "refused") onRefused();
    if (air.kind === "live" && !hinted.current) giveHint(room.room_id);
    hinted.current ||= air.kind === "live";
  }, [air.kind]);

  useAwake(onAir);

  return (
    <div class="golive">
      <Preview broadcaster={broadcaster} />
      {source !== null && (
        <>
          <Desk broadcaster={broadcaster} onAir={onAir} />
          <AirNotes broadcaster={broadcaster} />
          <InputNotes broadcaster={broadcaster} onAir={onAir} />
          <DevicePicker broadcaster={broadcaster} />
        </>
      )}
    </div>
  );
}

function Preview({ broadcaster }: { broadcaster: Broadcaster }): JSX.Element {
  const t = useText();
  const element = useRef<HTMLVideoElement>(null);
  const { source, video, audio } = useStore(broadcaster.picture);
  const air = useStore(broadcaster.air);
  const { track } = video;
  useEffect(() => {
    if (element.current === null) return;
    element.current.srcObject = track === null ? null : new MediaStream([track]);
    if (track !== null) void element.current.play().catch(() => {});
  }, [track]);
  const mirror = source === "camera" && track !== null && isMirrored(track);
  return (
    <div class={`stage preview ${track === null ? "" : "playing"} ${mirror ? "mirror" : ""}`}>
      <video ref={element} muted playsInline aria-label={t.live.preview} />
      <div class="over">
        {source === null && <Begin broadcaster={broadcaster} />}
        {source !== null && air.kind === "elsewhere" && (
          <StageMessage title={t.live.elsewhere}>
            <button type="button" class="button" onClick={() => void broadcaster.goLive(true)}>
              {t.live.takeOver}
            </button>
          </StageMessage>
        )}
        {source !== null && air.kind !== "elsewhere" && track === null && (
          <div class="word faceless">
            <Icon name="camera-off" />
            {audio.track !== null && <strong>{t.viewer.voice}</strong>}
          </div>
        )}
      </div>
      <div class="corner" role="status">
        <AirMark broadcaster={broadcaster} />
      </div>
      {source !== null && <SentLine broadcaster={broadcaster} />}
    </div>
  );
}

/** Before there is anything to see or hear. */
function Begin({ broadcaster }: { broadcaster: Broadcaster }): JSX.Element {
  const t = useText();
  const { opening } = useStore(broadcaster.picture);
  const goOn = broadcaster.before() !== null;
  if (opening) return <Opening broadcaster={broadcaster} />;
  const begin = (source: Source) => void (goOn ? broadcaster.resume(source) : broadcaster.open(source));
  return (
    <div class="word begin">
      <strong>{goOn ? t.live.goOn : t.live.begin}</strong>
      <Trouble broadcaster={broadcaster} />
      <div class="buttons">
        <button type="button" class="button" onClick={() => begin("camera")}>
          <Icon name="camera" /> {t.live.camera}
        </button>
        {canShareScreen() && (
          <button type="button" class="button" onClick={() => begin("screen")}>
            <Icon name="screen" /> {t.live.screen}
          </button>
        )}
        {goOn && (
          <button type="button" class="button" onClick={() => broadcaster.stop()}>
            {t.live.stop}
          </button>
        )}
      </div>
    </div>
  );
}

/** Why nothing could be opened: in one sentence where it is the same for both. */
function Trouble({ broadcaster }: { broadcaster: Broadcaster }): JSX.Element | null {
  const t = useText();
  const { video, audio, trouble } = useStore(broadcaster.picture);
  const why = trouble ?? (video.lack === audio.lack ? video.lack : null);
  const same = why === "no" || why === "none" || why === "busy" || why === "other";
  if (same) return <p role="alert">{t.live.trouble[why]}</p>;
  if (audio.lack === null) return null;
  return (
    <p role="alert">
      {video.lack !== null && video.lack !== "off" && t.live.lack.video[video.lack]} {t.live.lack.audio[audio.lack]}
    </p>
  );
}

const PATIENCE_MS = 1_500;

/** A question of the browser may stand open for ever. */
function Opening({ broadcaster }: { broadcaster: Broadcaster }): JSX.Element {
  const t = useText();
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!long) return <span class="pulse" role="img" aria-label={t.live.opening} />;
  return (
    <div class="word" role="status">
      <span class="pulse" aria-hidden="true" />
      <strong>{t.live.opening}</strong>
      <p>{t.live.asking}</p>
      <button type="button" class="button" onClick={() => broadcaster.cancel()}>
        {t.common.cancel}
      </button>
    </div>
  );
}

/** The buttons under the preview. */
function Desk({ broadcaster, onAir }: { broadcaster: Broadcaster; onAir: boolean }): JSX.Element {
  const t = useText();
  const { muted, dark, source, video, audio, opening } = useStore(broadcaster.picture);
  const air = useStore(broadcaster.air);
  const other = source === "camera" ? "screen" : "camera";
  const nothing = video.track === null && audio.track === null;
  return (
    <div class="desk">
      <div class="buttons">
        {onAir ? (
          <button type="button" class="button" onClick={() => broadcaster.stop()}>
            {t.live.stop}
          </button>
        ) : air.kind === "elsewhere" ? null : (
          <button type="button" class="button live" disabled={nothing} onClick={() => void broadcaster.goLive()}>
            {t.live.start}
          </button>
        )}
        {opening && (
          <button type="button" class="button" onClick={() => broadcaster.cancel()}>
            {t.live.opening} {t.common.cancel}
          </button>
        )}
      </div>
      <div class="buttons">
        <VoiceLevel broadcaster={broadcaster} />
        <button
          type="button"
          class="tool"
          aria-pressed={muted}
          onClick={() => broadcaster.mute(!muted)}
          aria-label={muted ? t.live.unmute : t.live.mute}
          title={muted ? t.live.unmute : t.live.mute}
        >
          <Icon name={muted ? "mic-off" : "mic"} />
        </button>
        <button
          type="button"
          class="tool"
          aria-pressed={dark}
          onClick={() => broadcaster.darken(!dark)}
          aria-label={dark ? t.live.lighten : t.live.darken}
          title={dark ? t.live.lighten : t.live.darken}
        >
          <Icon name={dark ? "camera-off" : "camera"} />
        </button>
        {(other === "camera" || canShareScreen()) && (
          <button
            type="button"
            class="tool"
            onClick={() => void broadcaster.open(other)}
            aria-label={other === "screen" ? t.live.toScreen : t.live.toCamera}
            title={other === "screen" ? t.live.toScreen : t.live.toCamera}
          >
            <Icon name={other === "screen" ? "screen" : "camera"} />
          </button>
        )}
      </div>
    </div>
  );
}

function AirMark({ broadcaster }: { broadcaster: Broadcaster }): JSX.Element | null {
  const t = useText();
  const air = useStore(broadcaster.air);
  const now = useNow(1);
  switch (air.kind) {
    case "live":
      return <Pill tone="live">{`${t.room.live} ${elapsed(now - air.since / 1000)}`}</Pill>;
    case "connecting":
      return <Pill tone="wait">{t.viewer.connecting}</Pill>;
    case "reconnecting":
      return <Pill tone="wait">{t.viewer.reconnecting}</Pill>;
    case "refused":
      return <Pill tone="bad">{t.live.refused}</Pill>;
    default:
      return null;
  }
}

function SentLine({ broadcaster }: { broadcaster: Broadcaster }): JSX.Element | null {
  const t = useText();
  const lang = useLanguage();
  const [sent, setSent] = useState<Sent | null>(null);
  const air = useStore(broadcaster.air);
  useEffect(() => {
    setSent(null);
    if (air.kind !== "live") return;
    const timer = setInterval(() => void broadcaster.sent().then(setSent), 2_000);
    return () => clearInterval(timer);
  }, [air.kind]);
  if (sent === null || sent.height === 0) return null;
  return <p class="sent">{t.live.sent(sent.height, count(Math.round(sent.fps), lang), count(sent.kbps, lang))}</p>;
}

/** Keeps the screen awake while on air. */
function useAwake(wanted: boolean): void {
  useEffect(() => {
    if (!wanted || !("wakeLock" in navigator)) return;
    let lock: WakeLockSentinel | null = null;
    let here = true;
    const take = () => {
      if (document.visibilityState !== "visible") return;
      navigator.wakeLock.request("screen").then(
        (taken) => {
          if (here) lock = taken;
          else void taken.release();
        },
        () => {
          // not granted: the screen may sleep
        },
      );
    };
    take();
    document.addEventListener("visibilitychange", take);
    return () => {
      here = false;
      document.removeEventListener("visibilitychange", take);
      void lock?.release();
    };
  }, [wanted]);
}
