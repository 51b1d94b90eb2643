/** What keeps a broadcast from its viewers, in words, with what the host can do about it. */
import type { JSX } from "preact";
import { useStore } from "../../base/store";
import { useText } from "../../i18n";
import type { AirState, Broadcaster } from "../../stream/broadcaster";
import { Note } from "./input-notes";

export function AirNotes({ broadcaster }: { broadcaster: Broadcaster }): JSX.Element {
  return (
    <div class="notes" role="alert">
      <AirNote broadcaster={broadcaster} />
    </div>
  );
}

function AirNote({ broadcaster }: { broadcaster: Broadcaster }): JSX.Element | null {
  const t = useText();
  const words = t.live;
  const air = useStore(broadcaster.air);
  const { source, video, audio } = useStore(broadcaster.picture);
  const hindrance = hindranceOf(air);
  if (hindrance !== null) return <Note bad>{words.hindered[hindrance]}</Note>;
  // of a device that is missing its own note tells what viewers get
  if (air.kind !== "live" || video.lack !== null || (air.sight === "nothing" && audio.lack !== null)) return null;

  /** A camera that is still open would be given back as it is. */
  const reopen = () => {
    video.track?.stop();
    broadcaster.retry("video");
  };
  const { sight } = words;
  switch (air.sight) {
    case "fine":
      return null;
    case "frozen":
      return (
        <Note bad button={[sight.reopen, reopen]}>
          {sight.frozen}
        </Note>
      );
    case "black":
      return source === "screen" ? (
        <Note bad button={[sight.reshare, () => void broadcaster.open("screen")]}>
          {sight.blackScreen}
        </Note>
      ) : (
        <Note bad button={[sight.reopen, reopen]}>
          {sight.black}
        </Note>
      );
    case "stuck":
      return (
        <Note bad button={[t.common.again, () => broadcaster.renew()]}>
          {sight.stuck}
        </Note>
      );
    default:
      return <Note bad>{sight[air.sight]}</Note>;
  }
}

/** Why it is not on air; credentials that are gone are to the host what refused ones are. */
function hindranceOf(air: AirState) {
  if (air.kind !== "connecting" && air.kind !== "reconnecting") return null;
  return air.why === "gone" ? "refused" : air.why;
}
