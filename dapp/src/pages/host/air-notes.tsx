/** What keeps a broadcast from its viewers, in words, with what the host can do about it. */
import type { JSX } from "preact";
import { useStore } from "../../base/store";
import { useText } from "../../i18n";
import type { AirState, Broadcaster } from "../../stream/broadcaster";
import { halt } from "../../stream/devices";

export function AirNotes({ broadcaster }: { broadcaster: Broadcaster }): JSX.Element | null {
  const t = useText();
  const air = useStore(broadcaster.air);
  const { source, stream, trouble } = useStore(broadcaster.picture);
  const hindrance = hindranceOf(air);
  if (hindrance !== null) return <Note text={t.live.hindered[hindrance]} />;
  // a device that fails is told beside its own buttons
  if (air.kind !== "live" || air.sight === "fine" || trouble !== null) return null;
  const { sight } = air;

  /** A camera that is still open would be given back as it is. */
  const reopen = () => {
    if (source === null) return;
    if (source === "camera") halt(stream);
    void broadcaster.open(source);
  };

  switch (sight) {
    case "frozen":
      return <Note text={t.live.sight.frozen} act={[t.live.sight.reopen, reopen]} />;
    case "black":
      return source === "screen" ? (
        <Note text={t.live.sight.blackScreen} act={[t.live.sight.reshare, reopen]} />
      ) : (
        <Note text={t.live.sight.black} act={[t.live.sight.reopen, reopen]} />
      );
    case "stuck":
      return <Note text={t.live.sight.stuck} act={[t.live.sight.again, () => broadcaster.renew()]} />;
    default:
      return <Note text={t.live.sight[sight]} />;
  }
}

/** Why it is not on air; credentials that are gone are to the host what refused ones are. */
function hindranceOf(air: AirState) {
  if (air.kind !== "connecting" && air.kind !== "reconnecting") return null;
  return air.why === "gone" ? "refused" : air.why;
}

interface NoteProps {
  text: string;
  act?: [label: string, act: () => void];
}

function Note({ text, act }: NoteProps): JSX.Element {
  return (
    <div class="note bad row" role="alert">
      <span>{text}</span>
      {act !== undefined && (
        <button type="button" class="button small" onClick={act[1]}>
          {act[0]}
        </button>
      )}
    </div>
  );
}
