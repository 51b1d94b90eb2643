/** The buttons over a live picture: those alone that do something here. */
import type { JSX, RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useText } from "../i18n";
import { Icon, type IconName } from "./icons";
import {
  canFloat,
  canFull,
  canSetVolume,
  type Playback,
  setSound,
  toggleFloat,
  toggleFull,
  togglePlay,
  toggleSound,
} from "./playback";

interface Props {
  frame: RefObject<HTMLDivElement | null>;
  video: RefObject<HTMLVideoElement | null>;
  playback: Playback;
  toLive: (() => void) | undefined;
}

export function StageControls({ frame, video, playback, toLive }: Props): JSX.Element {
  const t = useText();
  const { stopped, muted, volume, full } = playback;
  const [settable, setSettable] = useState(false);
  useEffect(() => {
    void canSetVolume().then(setSettable);
  }, []);
  const on = (act: (element: HTMLVideoElement) => void) => () => video.current !== null && act(video.current);
  return (
    <div class="controls">
      <Glass
        icon={stopped === null ? "pause" : "play"}
        label={stopped === null ? t.viewer.pause : t.viewer.play}
        act={on((element) => togglePlay(element, toLive))}
      />
      <Glass icon={muted ? "silent" : "sound"} label={muted ? t.viewer.unmute : t.viewer.mute} act={on(toggleSound)} />
      {settable && (
        <input
          class="volume"
          type="range"
          min="0"
          max="1"
          step="0.05"
          value={muted ? 0 : volume}
          aria-label={t.viewer.volume}
          onInput={(event) => on((element) => setSound(element, event.currentTarget.valueAsNumber))()}
        />
      )}
      <span class="gap" />
      {canFloat(video.current) && <Glass icon="float" label={t.viewer.float} act={on(toggleFloat)} />}
      {canFull(video.current) && (
        <Glass
          icon={full ? "small" : "full"}
          label={full ? t.viewer.exitFull : t.viewer.fullscreen}
          act={on((element) => frame.current !== null && toggleFull(frame.current, element))}
        />
      )}
    </div>
  );
}

function Glass({ icon, label, act }: { icon: IconName; label: string; act: () => void }): JSX.Element {
  return (
    <button type="button" class="glass" onClick={act} aria-label={label} title={label}>
      <Icon name={icon} />
    </button>
  );
}
