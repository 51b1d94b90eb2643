/** The list of rooms: what is on air first; or by search, or by state. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useRooms } from "../../api/use-rooms";
import { useText } from "../../i18n";
import { Icon } from "../../ui/icons";
import { Cards, Failed, Loading, More, NothingFound, PresenceNote } from "./cards";
import { HomeNow } from "./home-now";

const TABS = ["active", "", "ended"] as const;
type Tab = (typeof TABS)[number];

export function HomePage(): JSX.Element {
  const t = useText();
  const [typed, setTyped] = useState("");
  const [search, setSearch] = useState("");
  const [tab, setTab] = useState<Tab>("active");
  useEffect(() => {
    const timer = setTimeout(() => setSearch(typed.trim()), 250);
    return () => clearTimeout(timer);
  }, [typed]);
  useEffect(() => {
    document.title = t.common.name;
  }, [t]);
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
      {search === "" && tab === "active" ? <HomeNow /> : <Found tab={tab} search={search} />}
    </main>
  );
}

function Found({ tab, search }: { tab: Tab; search: string }): JSX.Element {
  const list = useRooms({ status: tab, q: search });
  return (
    <>
      {list.failed && <Failed />}
      {tab !== "ended" && list.presence === "unknown" && <PresenceNote />}
      {list.rooms === null && <Loading failed={list.failed} />}
      {list.rooms?.length === 0 && list.more === null && <NothingFound />}
      {list.rooms !== null && list.rooms.length > 0 && <Cards rooms={list.rooms} />}
      <More more={list.more} />
    </>
  );
}
