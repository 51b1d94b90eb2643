/** What home begins with: what is on air, then the other open rooms, and apart from them where nothing happens. */
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { sectionsOf } from "../../api/presence";
import { useHome } from "../../api/use-rooms";
import { useText } from "../../i18n";
import { useNow } from "../../i18n/format";
import { Link } from "../../ui/link";
import { RoomLine } from "../../ui/room-line";
import { Cards, Failed, Loading, More, PresenceNote } from "./cards";

export function HomeNow(): JSX.Element {
  const t = useText();
  const id = useId();
  const now = useNow(30);
  const home = useHome();
  if (home.open === null) {
    return (
      <>
        {home.failed && <Failed />}
        <Loading failed={home.failed} />
      </>
    );
  }
  const { onAir, open, quiet } = sectionsOf(home.onAir, home.open, now);
  const known = home.presence === "known";
  const isEmpty = onAir.length + open.length + quiet.length === 0;
  return (
    <>
      {home.failed && <Failed />}
      {isEmpty && home.more === null && <Empty />}
      {!known && !isEmpty && <PresenceNote />}
      {known && !isEmpty && (
        <section class="home-part" aria-labelledby={`${id}-air`}>
          <h2 id={`${id}-air`}>{t.home.onAir}</h2>
          {onAir.length === 0 ? <p class="dim">{t.home.nobody}</p> : <Cards rooms={onAir} label={t.home.onAir} />}
        </section>
      )}
      {open.length > 0 && (
        <section class="home-part" aria-labelledby={known ? `${id}-open` : undefined}>
          {known && <h2 id={`${id}-open`}>{t.home.others}</h2>}
          <Cards rooms={open} />
        </section>
      )}
      {quiet.length > 0 && (
        // nothing else to look at: not folded
        <details class="home-part quiet" open={onAir.length + open.length === 0}>
          <summary>{t.home.quiet}</summary>
          <ul class="rows">
            {quiet.map((room) => (
              <li key={room.room_id}>
                <RoomLine room={room} to={`/room/${room.room_id}`} />
              </li>
            ))}
          </ul>
        </details>
      )}
      <More more={home.more} />
    </>
  );
}

function Empty(): JSX.Element {
  const t = useText();
  return (
    <div class="empty">
      <span class="rings" aria-hidden="true" />
      <p>{t.home.empty}</p>
      <Link to="/new" class="button primary">
        {t.nav.create}
      </Link>
    </div>
  );
}
