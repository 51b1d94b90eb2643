/**
 * The bare player, for other sites: /embed/live_7. In a sandboxed frame it has no origin and no
 * storage, and plays all the same; what keeps it from playing is said, beside the way to the room. A private
 * room's link may stand in its own fragment; the window that such a player opens to sign in is a bare one, too.
 */
import { render } from "preact";
import { useRef } from "preact/hooks";
import { useRoom } from "./api/use-room";
import { ROOM_ID } from "./base/room-id";
import { useText } from "./i18n";
import { Player } from "./pages/watch/player";
import { takeInvitation } from "./playback/invitation-link";
import { Stage, StageMessage } from "./ui/stage";
import "./styles/embed.css";

function Bare() {
  const t = useText();
  const video = useRef<HTMLVideoElement>(null);
  const id = new RegExp(`^/embed/(${ROOM_ID})/?$`).exec(location.pathname)?.[1];
  if (id === undefined) {
    return (
      <Stage video={video} stream={null} playing={false}>
        <StageMessage title={t.viewer.unknown} />
      </Stage>
    );
  }
  return <Known id={id} />;
}

function Known({ id }: { id: string }) {
  const t = useText();
  const state = useRoom(id);
  return (
    <main>
      <h1 class="sr">{`${t.common.name} ${id}`}</h1>
      <Player state={state} bare />
      <a class="open-room" href={`/room/${id}`} target="_blank" rel="noopener">
        {t.viewer.open}
      </a>
    </main>
  );
}

takeInvitation();
addEventListener("hashchange", takeInvitation);
const page = document.getElementById("page");
if (page !== null) {
  page.replaceChildren();
  render(<Bare />, page);
}
