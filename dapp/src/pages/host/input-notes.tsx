/** What is missing of camera, microphone and shared sound, what that means, and a way on. */
import type { ComponentChildren, JSX } from "preact";
import { useStore } from "../../base/store";
import { useText } from "../../i18n";
import type { Broadcaster, Picture } from "../../stream/broadcaster";
import type { Kind } from "../../stream/devices";

interface Props {
  broadcaster: Broadcaster;
  onAir: boolean;
}

export function InputNotes({ broadcaster, onAir }: Props): JSX.Element {
  const t = useText();
  const picture = useStore(broadcaster.picture);
  const { video, audio, shared, muted, trouble } = picture;
  const failed = trouble ?? video.trouble;
  const read = () => broadcaster.accept();
  return (
    <div class="notes" role="status">
      <Unheard broadcaster={broadcaster} />
      {failed !== null && <Note button={[t.common.close, read]}>{t.live.lack.video[failed]}</Note>}
      {audio.trouble !== null && <Note button={[t.common.close, read]}>{t.live.lack.audio[audio.trouble]}</Note>}
      <Missing broadcaster={broadcaster} onAir={onAir} kind="video" />
      <Missing broadcaster={broadcaster} onAir={onAir} kind="audio" />
      {audio.instead !== null && <Note button={[t.common.close, read]}>{t.live.instead(audio.instead)}</Note>}
      {shared === "unmixed" && <Note>{t.live.unmixed}</Note>}
      {shared === "mixed" && <Note>{muted ? t.live.mutedShared : t.live.mixed}</Note>}
    </div>
  );
}

/** A word to who speaks while muted. */
function Unheard({ broadcaster }: { broadcaster: Broadcaster }): JSX.Element | null {
  const t = useText();
  const speaking = useStore(broadcaster.sound.speaking);
  const { muted } = useStore(broadcaster.picture);
  if (!muted || !speaking) return null;
  return <Note button={[t.live.unmute, () => broadcaster.mute(false)]}>{t.live.unheard}</Note>;
}

function Missing({ broadcaster, onAir, kind }: Props & { kind: Kind }): JSX.Element | null {
  const t = useText();
  const picture = useStore(broadcaster.picture);
  const { lack, opening } = picture[kind];
  if (lack === null || opening) return null;
  return (
    <Note bad={onAir} button={[lack === "off" ? t.live.toCamera : t.common.again, () => broadcaster.retry(kind)]}>
      {t.live.lack[kind][lack]} {meaning(t.live.without, picture, kind, onAir)}
    </Note>
  );
}

type Without = ReturnType<typeof useText>["live"]["without"];

/** What viewers get without it. */
function meaning(words: Without, { video, audio, shared }: Picture, kind: Kind, onAir: boolean): string {
  const gone = (lack: string | null) => lack !== null;
  if (kind === "audio" && shared === "alone") return words.voice;
  if (gone(video.lack) && gone(audio.lack)) return kind === "video" ? "" : words.all;
  return words[onAir ? "now" : "before"][kind];
}

interface NoteProps {
  bad?: boolean;
  button?: [word: string, act: () => void];
  children: ComponentChildren;
}

export function Note({ bad, button, children }: NoteProps): JSX.Element {
  return (
    <div class={`note row ${bad === true ? "bad" : ""}`}>
      <span>{children}</span>
      {button !== undefined && (
        <button type="button" class="button small" onClick={button[1]}>
          {button[0]}
        </button>
      )}
    </div>
  );
}
