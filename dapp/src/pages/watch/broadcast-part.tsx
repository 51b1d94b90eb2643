/**
 * What only a BROADCAST room needs: its player, and the line of what may be seen again. Comes when
 * such a room plays.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useText } from "../../i18n";
import { elapsed } from "../../i18n/format";
import type { TimeLine } from "../../stream/watch-hls";

export { playHls, realHlsParts, watchHls } from "../../stream/watch-hls";

const LOOK_MS = 500;
const SHORT_S = 12; // less is not worth a line
const BEHIND_S = 10;

const behindOf = (line: TimeLine): number => Math.max(0, line.look().edge - line.look().at);

let wentBack = false; // by the line: then a pause goes on where it was

/** Where playing goes on after a pause: at what is live, unless the person had gone back. */
export function playOn(line: TimeLine): void {
  if (!wentBack) line.seek(line.look().edge);
}

export function Line({ of: line }: { of: TimeLine }): JSX.Element | null {
  const t = useText();
  const [{ at, start, edge }, setLook] = useState(line.look());
  useEffect(() => {
    wentBack = false;
    const timer = setInterval(() => setLook(line.look()), LOOK_MS);
    return () => clearInterval(timer);
  }, [line]);
  const behind = behindOf(line);
  const late = behind > BEHIND_S;
  const go = (to: number) => {
    wentBack = edge - to > BEHIND_S;
    line.seek(to);
    setLook(line.look());
  };
  if (edge - start < SHORT_S && !late) return null;
  const word = late ? t.viewer.behind(elapsed(behind)) : t.room.live;
  return (
    <div class="line">
      <input
        type="range"
        min={start}
        max={edge}
        step="1"
        value={Math.min(at, edge)}
        aria-label={t.viewer.timeLine}
        aria-valuetext={word}
        onInput={(event) => go(event.currentTarget.valueAsNumber)}
      />
      <button
        type="button"
        class={`edge ${late ? "" : "now"}`}
        onClick={() => go(edge)}
        aria-label={late ? `${t.viewer.toLive}: ${word}` : word}
      >
        {late ? `\u2212${elapsed(behind)}` : word}
      </button>
    </div>
  );
}
