/** My rooms, and what I am owed. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { type Rooms, useRooms } from "../../api/use-rooms";
import { useText } from "../../i18n";
import { ShortAddress, shortAddress } from "../../ui/address";
import { CopyField } from "../../ui/copy-field";
import { Icon } from "../../ui/icons";
import { Link } from "../../ui/link";
import { RoomLine } from "../../ui/room-line";
import { useOrigin } from "../../ui/share";
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
      {(list.rooms ?? []).length > 0 && <PermanentLink address={address} />}
    </>
  );
}

/** What a host gives to people once. */
function PermanentLink({ address }: { address: string }): JSX.Element {
  const t = useText();
  const origin = useOrigin();
  return (
    <div class="block">
      <CopyField label={t.studio.permanent} value={`${origin}/host/${address}`} />
      <p class="dim">{t.studio.permanentMore}</p>
      <p>
        <Link to={`/host/${address}`} class="button">
          <Icon name="eye" /> {t.studio.channel}
        </Link>
      </p>
    </div>
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
            <RoomLine room={room} to={`/studio/${room.room_id}`} />
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
