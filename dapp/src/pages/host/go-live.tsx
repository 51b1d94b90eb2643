/** Going live from this browser: preview, devices, mute, on air. */
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Room } from "../../api/types";
import { useStore } from "../../base/store";
import { useText } from "../../i18n";
import { count, elapsed, useLanguage, useNow } from "../../i18n/format";
import { type Broadcaster, broadcasterOf } from "../../stream/broadcaster";
import { canShareScreen } from "../../stream/devices";
import type { Sent } from "../../stream/whip-publisher";
import { Icon } from "../../ui/icons";
import { Pill } from "../../ui/pill";
import { StageMessage } from "../../ui/stage";
import { AirNotes } from "./air-notes";
import { DevicePicker } from "./device-picker";

interface Props {
  room: Room;
  whip: string;
  /** The credentials are no longer good: read them again. */
  onRefused: () => void;
}

export function GoLive({ room, whip, onRefused }: Props): JSX.Element {
  const broadcaster = useMemo(() => broadcasterOf(room.room_id, whip), [room.room_id, whip]);
  const air = useStore(broadcaster.air);
  const picture = useStore(broadcaster.picture);
  const onAir = air.kind === "live" || air.kind === "reconnecting" || air.kind === "connecting";

  useEffect(() => {
    // a reload goes on where it was; a screen needs the person's choice again
    if (broadcaster.picture.get().stream === null && broadcaster.before() === "camera") {
      void broadcaster.resume("camera");
    }
    return () => broadcaster.hide();
  }, [broadcaster]);

  useEffect(() => {
    if (air.kind === "refused") onRefused();
  }, [air.kind]);

  useAwake(onAir);

  return (
    <div class="golive">
      <Preview broadcaster={broadcaster} />
      <AirNotes broadcaster={broadcaster} />
      {picture.stream !== null && <Desk broadcaster={broadcaster} onAir={onAir} />}
      {picture.stream !== null && picture.source === "camera" && (
        <DevicePicker broadcaster={broadcaster} stream={picture.stream} />
      )}
    </div>
  );
}

function Preview({ broadcaster }: { broadcaster: Broadcaster }): JSX.Element {
  const t = useText();
  const video = useRef<HTMLVideoElement>(null);
  const picture = useStore(broadcaster.picture);
  const air = useStore(broadcaster.air);
  useEffect(() => {
    if (video.current === null) return;
    video.current.srcObject = picture.stream;
    if (picture.stream !== null) void video.current.play().catch(() => {});
  }, [picture.stream]);
  const shown = picture.stream !== null;
  return (
    <div class={`stage preview ${shown ? "playing" : ""} ${picture.source === "camera" ? "mirror" : ""}`}>
      <video ref={video} muted playsInline aria-label={t.live.preview} />
      <div class="over">
        {!shown && <Begin broadcaster={broadcaster} />}
        {shown && air.kind === "elsewhere" && (
          <StageMessage title={t.live.elsewhere}>
            <button type="button" class="button" onClick={() => void broadcaster.goLive(true)}>
              {t.live.takeOver}
            </button>
          </StageMessage>
        )}
      </div>
      <div class="corner" role="status">
        <AirMark broadcaster={broadcaster} />
      </div>
      {shown && <SentLine broadcaster={broadcaster} />}
    </div>
  );
}

/** Before there is a picture. */
function Begin({ broadcaster }: { broadcaster: Broadcaster }): JSX.Element {
  const t = useText();
  const { opening, trouble } = useStore(broadcaster.picture);
  const goOn = broadcaster.before() !== null;
  if (opening) return <span class="pulse" role="img" aria-label={t.live.opening} />;
  return (
    <div class="word begin">
      <strong>{goOn ? t.live.goOn : t.live.begin}</strong>
      {trouble !== null && <p role="alert">{t.live.trouble[trouble]}</p>}
      <div class="buttons">
        <button
          type="button"
          class="button"
          onClick={() => void (goOn ? broadcaster.resume("camera") : broadcaster.open("camera"))}
        >
          <Icon name="camera" /> {t.live.camera}
        </button>
        {canShareScreen() && (
          <button
            type="button"
            class="button"
            onClick={() => void (goOn ? broadcaster.resume("screen") : broadcaster.open("screen"))}
          >
            <Icon name="screen" /> {t.live.screen}
          </button>
        )}
      </div>
    </div>
  );
}

/** The buttons under the preview. */
function Desk({ broadcaster, onAir }: { broadcaster: Broadcaster; onAir: boolean }): JSX.Element {
  const t = useText();
  const { muted, dark, source, trouble } = useStore(broadcaster.picture);
  const air = useStore(broadcaster.air);
  const other = source === "camera" ? "screen" : "camera";
  return (
    <div class="desk">
      <div class="buttons">
        {onAir ? (
          <button type="button" class="button" onClick={() => broadcaster.stop()}>
            {t.live.stop}
          </button>
        ) : air.kind === "elsewhere" ? null : (
          <button type="button" class="button live" onClick={() => void broadcaster.goLive()}>
            {t.live.start}
          </button>
        )}
      </div>
      <div class="buttons">
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
      {trouble !== null && (
        <p class="note bad" role="alert">
          {t.live.trouble[trouble]}
        </p>
      )}
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
