/** My rooms, and what I am owed. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Room } from "../../api/types";
import { type Rooms, useRooms } from "../../api/use-rooms";
import { useText } from "../../i18n";
import { ago, useLanguage, useNow } from "../../i18n/format";
import { useLive } from "../../stream/use-live";
import { ShortAddress, shortAddress } from "../../ui/address";
import { Icon } from "../../ui/icons";
import { stateLabel } from "../../ui/labels";
import { Link } from "../../ui/link";
import { Pill } from "../../ui/pill";
import { RoomTitle } from "../../ui/room-title";
import { StartTime } from "../../ui/start-time";
import { disconnect } from "../../wallet/session";
import { type Host, useHost } from "../../wallet/use-host";
import { ConnectButton, WrongChain, walletName } from "./connect-wallet";
import { Creation, useCreation } from "./creation";
import { Credit } from "./credit";
import { ApiAway } from "./send-note";

export function StudioPage(): JSX.Element {
  const t = useText();
  const host = useHost();
  useEffect(() => {
    document.title = `${t.nav.studio} · ${t.common.name}`;
  }, [t]);
  return (
    <main class="narrow" id="main">
      <h1 class="page-title">{t.nav.studio}</h1>
      {host.session.kind === "ready" ? <Mine host={host} address={host.session.address} /> : <Stranger host={host} />}
    </main>
  );
}

function Stranger({ host }: { host: Host }): JSX.Element {
  const t = useText();
  return (
    <div class="empty">
      <span class="rings" aria-hidden="true" />
      <p>{t.studio.stranger}</p>
      {host.config !== null && <ConnectButton />}
      {host.unreachable && <ApiAway />}
    </div>
  );
}

function Mine({ host, address }: { host: Host; address: string }): JSX.Element {
  const t = useText();
  const creation = useCreation(host);
  const list = useRooms({ host: address });
  return (
    <>
      <Account host={host} address={address} />
      <WrongChain host={host} />
      <Creation sending={creation} />
      <Offers address={address} />
      {list.failed && <ApiAway />}
      {list.rooms === null && !list.failed && (
        <div class="ghost line" role="status" aria-busy="true" aria-label={t.common.loading} />
      )}
      {list.rooms?.length === 0 && !creation.busy && (
        <div class="empty">
          <p>{t.studio.none}</p>
          <Link to="/new" class="button primary">
            {t.nav.create}
          </Link>
        </div>
      )}
      <RoomRows list={list} />
    </>
  );
}

/** Rooms that others offer to this account. */
function Offers({ address }: { address: string }): JSX.Element | null {
  const t = useText();
  const list = useRooms({ pending_host: address });
  if ((list.rooms ?? []).length === 0) return null;
  return (
    <section class="block" aria-label={t.studio.offers}>
      <h2>{t.studio.offers}</h2>
      <RoomRows list={list} />
    </section>
  );
}

function RoomRows({ list }: { list: Rooms }): JSX.Element {
  const t = useText();
  return (
    <>
      <ul class="rows">
        {list.rooms?.map((room) => (
          <li key={room.room_id}>
            <RoomRow room={room} />
          </li>
        ))}
      </ul>
      {list.more !== null && (
        <p class="more">
          <button type="button" class="button" onClick={list.more}>
            {t.home.more}
          </button>
        </p>
      )}
    </>
  );
}

function RoomRow({ room }: { room: Room }): JSX.Element {
  const t = useText();
  const lang = useLanguage();
  const now = useNow(30);
  const [live, seen] = useLive(room);
  const [tone, word] = stateLabel(t, room, live);
  return (
    <div ref={seen}>
      <Link to={`/studio/${room.room_id}`} class="room-row">
        <span class="grow">
          <strong>
            <RoomTitle title={room.title} />
          </strong>
          <small class="dim facts">
            <span>{ago(room.created_at, now, lang, t.common.justNow)}</span>
            <StartTime room={room} short />
          </small>
        </span>
        <Pill tone={tone}>{word}</Pill>
      </Link>
    </div>
  );
}

function Account({ host, address }: { host: Host; address: string }): JSX.Element {
  const t = useText();
  const { session } = host;
  return (
    <section class="account" aria-label={t.studio.account}>
      <div>
        <ShortAddress of={address} />
        <small class="dim">
          {session.kind === "ready"
            ? walletName(session.wallet, t.wallet.demo, t.wallet.browser)
            : shortAddress(address)}
        </small>
      </div>
      <Credit host={host} address={address} />
      <button
        type="button"
        class="tool"
        onClick={disconnect}
        aria-label={t.wallet.disconnect}
        title={t.wallet.disconnect}
      >
        <Icon name="exit" />
      </button>
    </section>
  );
}
