/** How loud the host's voice is, and a word to who speaks while muted. */
import type { JSX } from "preact";
import { useStore } from "../../base/store";
import { useText } from "../../i18n";
import type { Broadcaster } from "../../stream/broadcaster";

const COARSE = 4; // steps, for whom motion disturbs

export function VoiceLevel({ broadcaster }: { broadcaster: Broadcaster }): JSX.Element | null {
  const t = useText();
  const level = useStore(broadcaster.sound.level);
  const speaking = useStore(broadcaster.sound.speaking);
  const { muted } = useStore(broadcaster.picture);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return (
    <>
      {level !== null && (
        <meter class={muted ? "level off" : "level"} value={calm ? Math.round(level * COARSE) / COARSE : level}>
          {t.live.level}
        </meter>
      )}
      <p class="unheard" role="status">
        {muted && speaking && <span class="note bad">{t.live.unheard}</span>}
      </p>
    </>
  );
}
