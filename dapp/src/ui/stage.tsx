/**
 * Where video is seen. Promises: sound as soon as the browser lets it be, else an unmute button; a
 * clear word over the picture whenever there is none.
 */
import type { ComponentChildren, JSX, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useText } from "../i18n";
import { autoplay } from "../stream/autoplay";
import { Icon } from "./icons";
import { colours } from "./identicon";

/** An iPhone shows nothing but a video on its whole screen, and by a name of its own. */
type IPhoneVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void };

interface Props {
  video: RefObject<HTMLVideoElement | null>;
  /** A stream to play; null while there is none or the element is fed by HLS. */
  stream: MediaStream | null;
  /** Whose colours the empty stage takes. */
  seed?: string | undefined;
  /** A recording: the browser's own controls, with a time line, in place of ours. */
  replay?: boolean;
  /** Whether the picture is to be seen now. */
  playing: boolean;
  /** What stands over the picture while it is not. */
  children?: ComponentChildren;
  corner?: ComponentChildren;
}

export function Stage({ video, stream, seed, replay, playing, children, corner }: Props): JSX.Element {
  const t = useText();
  const frame = useRef<HTMLDivElement>(null);
  const [silent, setSilent] = useState(false);

  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    const heard = () => setSilent(element.muted);
    element.addEventListener("volumechange", heard);
    return () => element.removeEventListener("volumechange", heard);
  }, []);

  useEffect(() => {
    const element = video.current;
    if (element === null || stream === null) return;
    element.srcObject = stream;
    void autoplay(element);
    return () => {
      element.srcObject = null;
    };
  }, [stream]);

  function toggleSound() {
    const element = video.current;
    if (element === null) return;
    element.muted = !element.muted;
    void autoplay(element);
  }

  function toggleFull() {
    if (document.fullscreenElement !== null) void document.exitFullscreen();
    else if (frame.current?.requestFullscreen) void frame.current.requestFullscreen().catch(() => {});
    else (video.current as IPhoneVideo | null)?.webkitEnterFullscreen?.();
  }

  return (
    <div class={`stage ${playing ? "playing" : ""}`} ref={frame} style={seed === undefined ? {} : colours(seed)}>
      {/* biome-ignore lint/a11y/useMediaCaption: nobody writes captions of a live broadcast */}
      <video ref={video} playsInline controls={replay === true} aria-label={t.viewer.video} />
      <div class="over" role="status">
        {!playing && children}
      </div>
      {corner !== undefined && <div class="corner">{corner}</div>}
      {playing && silent && replay !== true && (
        <button type="button" class="button unmute" onClick={toggleSound}>
          <Icon name="silent" /> {t.viewer.unmute}
        </button>
      )}
      {playing && replay !== true && (
        <div class="controls">
          <button
            type="button"
            class="glass"
            onClick={toggleSound}
            aria-label={silent ? t.viewer.unmute : t.viewer.mute}
          >
            <Icon name={silent ? "silent" : "sound"} />
          </button>
          <button type="button" class="glass" onClick={toggleFull} aria-label={t.viewer.fullscreen}>
            <Icon name="full" />
          </button>
        </div>
      )}
    </div>
  );
}

export function StageMessage({
  title,
  children,
  pulse,
}: {
  title: string;
  children?: ComponentChildren;
  pulse?: boolean;
}): JSX.Element {
  return (
    <div class="word">
      {pulse === true && <span class="pulse" aria-hidden="true" />}
      <strong>{title}</strong>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}
