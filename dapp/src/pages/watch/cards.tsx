/** Rooms as cards, and what stands in their place or beside them. */
import type { JSX } from "preact";
import type { Room } from "../../api/types";
import { plainTitle } from "../../base/plain-text";
import { useText } from "../../i18n";
import { ago, useLanguage, useNow } from "../../i18n/format";
import { ShortAddress } from "../../ui/address";
import { RoomArt, seedOf } from "../../ui/identicon";
import { stateLabel } from "../../ui/labels";
import { Link } from "../../ui/link";
import { LiveFacts } from "../../ui/live-facts";
import { Pill } from "../../ui/pill";
import { RoomTitle } from "../../ui/room-title";
import { isAhead, StartTime } from "../../ui/start-time";

export function Cards({ rooms, label }: { rooms: Room[]; label?: string }): JSX.Element {
  const t = useText();
  return (
    <ul class="grid" aria-label={label ?? t.nav.rooms}>
      {rooms.map((room) => (
        <li key={room.room_id}>
          <Card room={room} />
        </li>
      ))}
    </ul>
  );
}

function Card({ room }: { room: Room }): JSX.Element {
  const t = useText();
  const lang = useLanguage();
  const now = useNow(30);
  const [tone, word] = stateLabel(t, room);
  const about = plainTitle(room.description?.about ?? "");
  const live = tone === "live";
  return (
    <Link to={`/room/${room.room_id}`} class={`card ${room.status}`}>
      <RoomArt seed={seedOf(room)}>
        <Pill tone={tone}>{word}</Pill>
      </RoomArt>
      <h3>
        <RoomTitle title={room.title} />
      </h3>
      {about !== "" && (
        <p class="about" dir="auto">
          {about}
        </p>
      )}
      <p class="facts">
        <ShortAddress of={room.host} />
        {live && <LiveFacts room={room} />}
        {!live && <StartTime room={room} short />}
        {!live && !isAhead(room, now) && <span>{ago(room.created_at, now, lang, t.common.justNow)}</span>}
      </p>
    </Link>
  );
}

/** Said once where it is not known who is on air. */
export function PresenceNote(): JSX.Element {
  const t = useText();
  return (
    <p class="note" role="status">
      {t.home.presenceUnknown}
    </p>
  );
}

export function Failed(): JSX.Element {
  const t = useText();
  return (
    <p class="note" role="alert">
      {t.common.unreachable}. {t.common.tryingAgain}
    </p>
  );
}

export function Loading({ failed }: { failed: boolean }): JSX.Element {
  const t = useText();
  return (
    <div class="grid" role="status" aria-busy="true" aria-label={t.common.loading}>
      {!failed && [0, 1, 2].map((at) => <div key={at} class="card ghost" />)}
    </div>
  );
}

export function NothingFound(): JSX.Element {
  const t = useText();
  return (
    <div class="empty">
      <span class="rings" aria-hidden="true" />
      <p>{t.home.nothing}</p>
    </div>
  );
}

export function More({ more }: { more: (() => void) | null }): JSX.Element | null {
  const t = useText();
  if (more === null) return null;
  return (
    <p class="more">
      <button type="button" class="button" onClick={more}>
        {t.home.more}
      </button>
    </p>
  );
}
