/** A room in one line: title, what is known of its time, its state. */
import type { JSX } from "preact";
import type { Room } from "../api/types";
import { useText } from "../i18n";
import { ago, useLanguage, useNow } from "../i18n/format";
import { stateLabel } from "./labels";
import { Link } from "./link";
import { LiveFacts } from "./live-facts";
import { Pill } from "./pill";
import { RoomTitle } from "./room-title";
import { isAhead, StartTime } from "./start-time";

export function RoomLine({ room, to }: { room: Room; to: string }): JSX.Element {
  const t = useText();
  const lang = useLanguage();
  const now = useNow(30);
  const [tone, word] = stateLabel(t, room);
  return (
    <Link to={to} class="room-row">
      <span class="grow">
        <strong>
          <RoomTitle title={room.title} />
        </strong>
        <small class="dim facts">
          {tone === "live" ? (
            <LiveFacts room={room} />
          ) : (
            <>
              {!isAhead(room, now) && <span>{ago(room.created_at, now, lang, t.common.justNow)}</span>}
              <StartTime room={room} short />
            </>
          )}
        </small>
      </span>
      <Pill tone={tone}>{word}</Pill>
    </Link>
  );
}
