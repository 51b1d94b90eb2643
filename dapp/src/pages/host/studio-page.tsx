/** My rooms, and what I am owed. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Room } from "../../api/types";
import { ether } from "../../base/units";
import { withdrawTo } from "../../contract/calls";
import { view } from "../../contract/views";
import { useText } from "../../i18n";
import { ago, useLanguage, useNow } from "../../i18n/format";
import { useLive } from "../../stream/use-live";
import { Address, short } from "../../ui/address";
import { Icon } from "../../ui/icons";
import { Link } from "../../ui/link";
import { Pill } from "../../ui/pill";
import { RoomTitle } from "../../ui/room-title";
import { disconnect } from "../../wallet/session";
import { useHost, type Host } from "../../wallet/use-host";
import { ConnectButton, walletName, WrongChain } from "./connect-wallet";
import { Drafts, useDrafts } from "./drafts";
import { Trouble } from "../../ui/failure-note";
import { useRooms } from "../../api/use-rooms";
import { useSend } from "./use-send";
import { stateWord } from "../../ui/labels";

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
    </div>
  );
}

function Mine({ host, address }: { host: Host; address: string }): JSX.Element {
  const t = useText();
  const drafts = useDrafts(host);
  const list = useRooms({ host: address });
  return (
    <>
      <Account host={host} address={address} />
      <WrongChain host={host} />
      <Drafts drafts={drafts} host={host} forward={false} />
      {list.rooms === null && <div class="ghost line" role="status" aria-busy="true" aria-label={t.common.loading} />}
      {list.rooms?.length === 0 && drafts.list.length === 0 && (
        <div class="empty">
          <p>{t.studio.none}</p>
          <Link to="/new" class="button primary">
            {t.nav.create}
          </Link>
        </div>
      )}
      <ul class="rows">
        {list.rooms?.map((room) => (
          <li key={room.room_id}>
            <RoomRow room={room} />
          </li>
        ))}
      </ul>
      {list.more !== null && (
        <p class="more">
          <button class="button" onClick={list.more}>
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
  const [tone, word] = stateWord(t, room, live);
  return (
    <div ref={seen}>
      <Link to={`/studio/${room.room_id}`} class="room-row">
        <span class="grow">
          <strong>
            <RoomTitle title={room.title} />
          </strong>
          <small class="dim">{ago(room.created_at, now, lang, t.common.justNow)}</small>
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
        <Address of={address} />
        <small class="dim">
          {session.kind === "ready" ? walletName(session.wallet, t.wallet.demo, t.wallet.browser) : short(address)}
        </small>
      </div>
      <Credit host={host} address={address} />
      <button class="tool" onClick={disconnect} aria-label={t.wallet.disconnect} title={t.wallet.disconnect}>
        <Icon name="exit" />
      </button>
    </section>
  );
}

interface CreditProps {
  host: Host;
  address: string;
  /** Whether taking it is what a person comes for. */
  first?: boolean;
}

/** What the contract owes the account, and the button that takes it. */
export function Credit({ host, address, first }: CreditProps): JSX.Element | null {
  const t = useText();
  const sending = useSend(host);
  const credit = useCredit(host, address, sending.state.kind);
  if (credit === null || credit === 0n) return null;
  const contract = host.config?.contract ?? "";
  return (
    <div class="credit">
      <button
        class={`button ${first === true ? "primary" : "small"}`}
        disabled={sending.busy || host.wrongChain}
        onClick={() => void sending.run(contract, () => withdrawTo(address as `0x${string}`))}
      >
        {sending.state.kind === "going" ? t.road[sending.state.step.at] : t.studio.withdraw(ether(credit))}
      </button>
      <Trouble failure={sending.failure} />
    </div>
  );
}

function useCredit(host: Host, address: string, turn: string): bigint | null {
  const [credit, setCredit] = useState<bigint | null>(null);
  const { config, read } = host;
  useEffect(() => {
    if (config === null || read === null) return;
    const stopping = new AbortController();
    async function ask() {
      const at = { request: read as NonNullable<typeof read>, contract: config?.contract ?? "", signal: stopping.signal };
      const found = await view(at, "account", [address as `0x${string}`]).catch(() => null);
      if (found !== null && !stopping.signal.aborted) setCredit(found[0]);
    }
    void ask();
    const timer = setInterval(() => void ask(), 5_000);
    return () => {
      stopping.abort();
      clearInterval(timer);
    };
  }, [config?.contract, read, address, turn]);
  return credit;
}
