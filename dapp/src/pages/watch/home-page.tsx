/** The list of rooms, with search. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Room } from "../../api/types";
import { useRooms } from "../../api/use-rooms";
import { useText } from "../../i18n";
import { ago, useLanguage, useNow } from "../../i18n/format";
import { useLive } from "../../stream/use-live";
import { ShortAddress } from "../../ui/address";
import { Icon } from "../../ui/icons";
import { RoomArt, seedOf } from "../../ui/identicon";
import { stateLabel } from "../../ui/labels";
import { Link } from "../../ui/link";
import { Pill } from "../../ui/pill";
import { plainTitle, RoomTitle } from "../../ui/room-title";
import { StartTime } from "../../ui/start-time";

const TABS = ["active", "", "ended"] as const;

export function HomePage(): JSX.Element {
  const t = useText();
  const [typed, setTyped] = useState("");
  const [search, setSearch] = useState("");
  const [tab, setTab] = useState<(typeof TABS)[number]>("active");
  useEffect(() => {
    const timer = setTimeout(() => setSearch(typed.trim()), 250);
    return () => clearTimeout(timer);
  }, [typed]);
  useEffect(() => {
    document.title = t.common.name;
  }, [t]);
  const list = useRooms({ status: tab, q: search });
  const words = { active: t.home.open, "": t.home.all, ended: t.home.ended };
  return (
    <main class="home" id="main">
      <header class="hero">
        <h1>{t.home.title}</h1>
        <p>{t.home.lead}</p>
      </header>
      <div class="filter">
        <label class="search">
          <Icon name="search" />
          <input
            type="search"
            value={typed}
            maxLength={96}
            placeholder={t.home.search}
            aria-label={t.home.search}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is laid out in a way of its own */}
        <div class="tabs" role="group" aria-label={t.home.show}>
          {TABS.map((name) => (
            <button type="button" key={name} aria-pressed={tab === name} onClick={() => setTab(name)}>
              {words[name]}
            </button>
          ))}
        </div>
      </div>
      {list.failed && (
        <p class="note" role="alert">
          {t.common.unreachable}. {t.common.tryingAgain}
        </p>
      )}
      {list.rooms === null ? (
        <div class="grid" role="status" aria-busy="true" aria-label={t.common.loading}>
          {!list.failed && [0, 1, 2].map((at) => <div key={at} class="card ghost" />)}
        </div>
      ) : list.rooms.length === 0 ? (
        <Empty searching={search !== "" || tab === "ended"} />
      ) : (
        <ul class="grid" aria-label={t.nav.rooms}>
          {list.rooms.map((room) => (
            <li key={room.room_id}>
              <Card room={room} />
            </li>
          ))}
        </ul>
      )}
      {list.more !== null && (
        <p class="more">
          <button type="button" class="button" onClick={list.more}>
            {t.home.more}
          </button>
        </p>
      )}
    </main>
  );
}

function Empty({ searching }: { searching: boolean }): JSX.Element {
  const t = useText();
  return (
    <div class="empty">
      <span class="rings" aria-hidden="true" />
      <p>{searching ? t.home.nothing : t.home.empty}</p>
      {!searching && (
        <Link to="/new" class="button primary">
          {t.nav.create}
        </Link>
      )}
    </div>
  );
}

function Card({ room }: { room: Room }): JSX.Element {
  const t = useText();
  const lang = useLanguage();
  const now = useNow(30);
  const [live, seen] = useLive(room);
  const [tone, word] = stateLabel(t, room, live);
  const about = plainTitle(room.description?.about ?? "");
  return (
    <Link to={`/room/${room.room_id}`} class={`card ${room.status}`}>
      <div ref={seen}>
        <RoomArt seed={seedOf(room)}>
          <Pill tone={tone}>{word}</Pill>
        </RoomArt>
      </div>
      <h2>
        <RoomTitle title={room.title} />
      </h2>
      {about !== "" && (
        <p class="about" dir="auto">
          {about}
        </p>
      )}
      <p class="facts">
        <ShortAddress of={room.host} />
        <StartTime room={room} short />
        <span>{ago(room.created_at, now, lang, t.common.justNow)}</span>
      </p>
    </Link>
  );
}
