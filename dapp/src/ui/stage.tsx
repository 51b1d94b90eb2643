/**
 * Where video is seen. Promises: sound as soon as the browser lets it be, else an unmute button; a
 * clear word over the picture whenever there is none, and a large button over one that stands. A tap
 * on a live picture plays or pauses it, and so do the keys space and k; m is mute, f full screen.
 */
import type { ComponentChildren, JSX, RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useText } from "../i18n";
import { autoplay } from "../stream/autoplay";
import { Icon } from "./icons";
import { colours } from "./identicon";
import { leaveFloat, leaveNativeFull, toggleFull, togglePlay, toggleSound, usePlayback } from "./playback";
import { StageControls } from "./stage-controls";

const FLOAT_MS = 10_000; // so long a floating picture may be without one

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
  /** Goes to where live is, when the person plays on. */
  toLive?: (() => void) | undefined;
  /** What stands over the picture while it is not. */
  children?: ComponentChildren;
  corner?: ComponentChildren;
  /** What stands above the controls. */
  line?: ComponentChildren;
}

export function Stage(props: Props): JSX.Element {
  const { video, stream, seed, replay, playing, toLive, children, corner, line } = props;
  const t = useText();
  const frame = useRef<HTMLDivElement>(null);
  const playback = usePlayback(video);
  const { stopped, muted, full } = playback;
  // a voice may be heard while no picture can be shown
  const live = replay !== true && (playing || stream !== null);
  const paused = replay !== true && (stopped === "person" || (live && stopped === "other"));

  useEffect(() => {
    const element = video.current;
    if (element === null || stream === null) return;
    element.srcObject = stream;
    void autoplay(element);
    return () => {
      element.srcObject = null;
    };
  }, [stream]);

  useEffect(() => {
    if (playing || video.current === null) return;
    leaveNativeFull(video.current);
    // it cannot be opened again without a click: a short break is waited out
    const timer = setTimeout(() => video.current !== null && leaveFloat(video.current), FLOAT_MS);
    return () => clearTimeout(timer);
  }, [playing]);

  useShortcuts(frame, live, {
    play: () => video.current !== null && togglePlay(video.current, toLive),
    mute: () => video.current !== null && toggleSound(video.current),
    full: () => frame.current !== null && video.current !== null && toggleFull(frame.current, video.current),
  });

  const toggle = () => video.current !== null && togglePlay(video.current, toLive);
  return (
    <div class={`stage ${playing ? "playing" : ""}`} ref={frame} style={seed === undefined ? {} : colours(seed)}>
      {/* biome-ignore-start lint/a11y/useMediaCaption: nobody writes captions of a live broadcast */}
      {/* biome-ignore-start lint/a11y/useKeyWithClickEvents: the keys are the whole stage's */}
      <video
        ref={video}
        playsInline
        controls={replay === true}
        aria-label={t.viewer.video}
        onClick={live ? toggle : undefined}
      />
      {/* biome-ignore-end lint/a11y/useKeyWithClickEvents: the keys are the whole stage's */}
      {/* biome-ignore-end lint/a11y/useMediaCaption: nobody writes captions of a live broadcast */}
      <div class="over" role="status">
        {!playing && !paused && children}
        {paused && <Paused by={stopped} act={toggle} />}
      </div>
      {corner !== undefined && <div class="corner">{corner}</div>}
      {live && muted && !paused && (
        <button
          type="button"
          class="button unmute"
          onClick={() => video.current !== null && toggleSound(video.current)}
        >
          <Icon name="silent" /> {t.viewer.unmute}
        </button>
      )}
      {(live || full) && (
        <div class="bar">
          {playing && line}
          <StageControls frame={frame} video={video} playback={playback} toLive={toLive} />
        </div>
      )}
    </div>
  );
}

function Paused({ by, act }: { by: "person" | "other" | null; act: () => void }): JSX.Element {
  const t = useText();
  return (
    <button type="button" class="resume" onClick={act}>
      <Icon name="play" />
      <span>{by === "person" ? t.viewer.paused : t.viewer.tapToPlay}</span>
    </button>
  );
}

interface Acts {
  play: () => void;
  mute: () => void;
  full: () => void;
}

const KEYS = new Map<string, keyof Acts>([
  [" ", "play"],
  ["k", "play"],
  ["m", "mute"],
  ["f", "full"],
]);

/** Keys that act while the stage, or nothing at all, has the focus. */
function useShortcuts(frame: RefObject<HTMLDivElement | null>, on: boolean, acts: Acts): void {
  const newest = useRef(acts);
  newest.current = acts;
  useEffect(() => {
    if (!on) return;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.repeat) return;
      const target = event.target as Element;
      // a heading that a link led to is nothing, too
      const nothing = target === document.body || target instanceof HTMLHeadingElement;
      if (!nothing && !frame.current?.contains(target)) return;
      // a button has a meaning of its own for the space bar
      if (event.key === " " && target instanceof HTMLButtonElement) return;
      const act = KEYS.get(event.key.toLowerCase());
      if (act === undefined) return;
      event.preventDefault();
      newest.current[act]();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [on]);
}

interface MessageProps {
  title: string;
  children?: ComponentChildren;
  pulse?: boolean;
  /** What a person can do: its word, and what it does. */
  button?: [word: string, act: () => void];
}

export function StageMessage({ title, children, pulse, button }: MessageProps): JSX.Element {
  return (
    <div class="word">
      {pulse === true && <span class="pulse" aria-hidden="true" />}
      <strong>{title}</strong>
      {children !== undefined && <p>{children}</p>}
      {button !== undefined && (
        <button type="button" class="button" onClick={button[1]}>
          {button[0]}
        </button>
      )}
    </div>
  );
}
