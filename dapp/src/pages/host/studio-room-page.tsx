/** A room's studio: for its host, and for whom it is offered to. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Room } from "../../api/types";
import { useRoom } from "../../api/use-room";
import { sameHex } from "../../base/hex";
import { plainTitle } from "../../base/plain-text";
import { useStore } from "../../base/store";
import { useText } from "../../i18n";
import { airMark, onAirRoom } from "../../stream/on-air";
import { Icon } from "../../ui/icons";
import { endLabel, stateLabel } from "../../ui/labels";
import { Later } from "../../ui/later";
import { Link } from "../../ui/link";
import { LiveFacts } from "../../ui/live-facts";
import { Pill } from "../../ui/pill";
import { RoomTitle } from "../../ui/room-title";
import { ShareButton } from "../../ui/share";
import { account } from "../../wallet/account";
import { type Host, useHost } from "../../wallet/use-host";
import { Broadcast } from "./broadcast";
import { ConnectButton, WrongChain } from "./connect-wallet";
import { Credit } from "./credit";
import { ManageRoom } from "./manage-room";
import { TransactionSteps } from "./transaction-steps";

export function StudioRoomPage({ id }: { id: string }): JSX.Element {
  const t = useText();
  const host = useHost();
  const state = useRoom(id, true);
  const seen = useRef<Room | null>(null);
  if (state.kind === "known") seen.current = state.room;
  // an index that is being rebuilt does not know it for a while
  const onAir = useStore(onAirRoom) === id;
  const room = state.kind === "known" || onAir ? seen.current : null;
  const name = room === null ? id : plainTitle(room.title) || t.room.untitled;
  useEffect(() => {
    document.title = `${name} · ${t.nav.studio} · ${t.common.name}`;
  }, [name, t]);
  return (
    <main class="studio" id="main">
      <p class="crumb">
        <Link to="/studio">
          <Icon name="back" /> {t.nav.studio}
        </Link>
      </p>
      {room !== null && <Inside room={room} host={host} />}
      {room === null && state.kind === "unreachable" && (
        <p class="note" role="status">
          {t.common.unreachable}. {t.common.tryingAgain}
        </p>
      )}
      {room === null && state.kind === "unknown" && <TransactionSteps room={null} host={host} />}
      {room === null && state.kind === "loading" && (
        <div class="ghost line" role="status" aria-busy="true" aria-label={t.common.loading} />
      )}
      {state.kind === "known" && state.stale && (
        <p class="note" role="status">
          {t.common.stale}
        </p>
      )}
    </main>
  );
}

// not in every studio
const acceptTransfer = () => import("./accept-transfer").then((part) => part.AcceptTransfer);
const classList = () => import("./class-list").then((part) => part.ClassListPanel);

/** Whether the account hosts the room; a wallet that is locked or away is still known by its last one. */
const isMine = ({ session }: Host, last: string | null, room: Room): boolean =>
  sameHex(session.kind === "ready" ? session.address : last, room.host);

function Inside({ room, host }: { room: Room; host: Host }): JSX.Element {
  const t = useText();
  const onAir = useStore(onAirRoom) === room.room_id;
  const last = useStore(account);
  const live = onAir || room.live === true;
  const [tone, word] = stateLabel(t, room, onAir ? true : room.live);
  return (
    <>
      <header class="room-head">
        <div>
          <h1>
            <RoomTitle title={room.title} />
          </h1>
          <p class="facts">
            {tone !== "live" && <Pill tone={tone}>{word}</Pill>}
            <span class="mono">{room.room_id}</span>
            {live && room.status === "active" && <LiveFacts room={room} whole />}
          </p>
        </div>
        <div class="actions">
          {room.status !== "ended" && <ShareButton room={room} />}
          <Link to={`/room/${room.room_id}`} class="button quiet">
            <Icon name="eye" /> {t.studio.viewer}
          </Link>
          <a class="button quiet" href={`/audit/${room.room_id}`}>
            <Icon name="shield" /> {t.room.history}
          </a>
        </div>
      </header>
      <WrongChain host={host} />
      <Part room={room} host={host} />
      {room.access !== "public" && isMine(host, last, room) && <Later load={classList} props={{ room, host }} part />}
    </>
  );
}

/**
 * What the account may do here. What is on air in this tab, or was before a reload, needs no wallet,
 * and nothing that a wallet does may take it away; so it stands in one place of the page for all.
 */
function Part({ room, host }: { room: Room; host: Host }): JSX.Element {
  const { session } = host;
  const onAir = useStore(onAirRoom) === room.room_id;
  const wasOnAir = useStore(airMark)?.room === room.room_id;
  const last = useStore(account);
  if (room.status === "ended") return <Over room={room} host={host} />;
  const going = onAir || wasOnAir;
  const mine = isMine(host, last, room);
  const ready = room.status === "active" && (room.expirable !== true || onAir);
  const manages = session.kind === "ready" && mine;
  if (!manages && !(ready && (mine || going))) return <Without room={room} host={host} />;
  return (
    <div class="columns">
      {ready ? <Broadcast room={room} host={host} /> : <NotReady room={room} host={host} />}
      {/* in one place: a dialog that is open outlives the room's becoming ready */}
      {manages ? <ManageRoom room={room} host={host} /> : <Away room={room} host={host} onAir={onAir} />}
    </div>
  );
}

/** Not yet, or no longer. */
function NotReady({ room, host }: { room: Room; host: Host }): JSX.Element {
  const t = useText();
  if (room.expirable !== true) return <TransactionSteps room={room} host={host} />;
  return (
    <p class="note" role="status">
      {t.viewer.expired}. {t.studio.expiredMore}
    </p>
  );
}

/** Beside the broadcast, while the wallet is locked, away, or another account's. */
function Away({ room, host, onAir }: { room: Room; host: Host; onAir: boolean }): JSX.Element {
  const t = useText();
  const { session } = host;
  const offered = session.kind === "ready" && sameHex(session.address, room.pending_host);
  return (
    <section class="block stack">
      {onAir && <p class="note">{t.live.noWallet}</p>}
      {offered && <Later load={acceptTransfer} props={{ room, host }} part />}
      {session.kind === "ready" && !offered && <p>{t.studio.notYours}</p>}
      {session.kind !== "ready" && host.config !== null && <ConnectButton />}
    </section>
  );
}

/** For one who does not host it: a stranger, or the account that it is offered to. */
function Without({ room, host }: { room: Room; host: Host }): JSX.Element {
  const t = useText();
  const { session } = host;
  if (session.kind !== "ready") {
    return (
      <div class="empty">
        <p>{t.studio.stranger}</p>
        {host.config !== null && <ConnectButton />}
      </div>
    );
  }
  if (sameHex(session.address, room.pending_host)) return <Later load={acceptTransfer} props={{ room, host }} part />;
  return (
    <div class="empty">
      <p>{t.studio.notYours}</p>
      <Link to={`/room/${room.room_id}`} class="button primary">
        {t.studio.viewer}
      </Link>
    </div>
  );
}

function Over({ room, host }: { room: Room; host: Host }): JSX.Element {
  const t = useText();
  const mark = useStore(airMark);
  useEffect(() => {
    if (mark?.room === room.room_id) airMark.set(null);
  }, [mark]);
  return (
    <div class="empty">
      <h2>{t.viewer.ended}</h2>
      {room.end !== null && <p>{endLabel(t, room.end)}</p>}
      {host.session.kind === "ready" && <Credit host={host} address={host.session.address} first />}
      <div class="buttons">
        <Link to="/new" class="button">
          {t.nav.create}
        </Link>
      </div>
    </div>
  );
}
