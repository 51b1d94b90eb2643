/** How loud the host's voice is, also while it is muted. */
import type { JSX } from "preact";
import { useStore } from "../../base/store";
import { useText } from "../../i18n";
import type { Broadcaster } from "../../stream/broadcaster";

const COARSE = 4; // steps, for whom motion disturbs

export function VoiceLevel({ broadcaster }: { broadcaster: Broadcaster }): JSX.Element | null {
  const t = useText();
  const level = useStore(broadcaster.sound.level);
  const { muted } = useStore(broadcaster.picture);
  if (level === null) return null;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const shown = calm ? Math.round(level * COARSE) / COARSE : level;
  return (
    <meter
      class={muted ? "level off" : "level"}
      value={shown}
      style={{ "--loud": `${100 * shown}%` }}
      aria-label={t.live.level}
    />
  );
}
