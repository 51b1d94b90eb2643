/** A host's channel, by its permanent link: the room on air, else the next one, else the last. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Channel, Room } from "../../api/types";
import { useChannel } from "../../api/use-channel";
import { type Address, sameHex } from "../../base/hex";
import { useStore } from "../../base/store";
import { useText } from "../../i18n";
import { useChannelText } from "../../i18n/channel";
import { ShortAddress, shortAddress } from "../../ui/address";
import { CalendarLink } from "../../ui/calendar-link";
import { Icon } from "../../ui/icons";
import { RoomArt, seedOf } from "../../ui/identicon";
import { stateLabel } from "../../ui/labels";
import { Link } from "../../ui/link";
import { LiveFacts } from "../../ui/live-facts";
import { Pill } from "../../ui/pill";
import { RoomDescription } from "../../ui/room-description";
import { RoomLine } from "../../ui/room-line";
import { RoomTitle } from "../../ui/room-title";
import { ShareLink } from "../../ui/share";
import { account } from "../../wallet/account";
import "../../styles/channel.css";

export function ChannelPage({ host }: { host: Address }): JSX.Element {
  const t = useText();
  const words = useChannelText().channel;
  const state = useChannel(host);
  const mine = useStore(account);
  const name = t.room.channelOf(shortAddress(host));
  useEffect(() => {
    document.title = `${name} · ${t.common.name}`;
  }, [name, t]);
  return (
    <main class="channel" id="main">
      <header class="room-head">
        <h1>
          <ShortAddress of={host} name={name} />
        </h1>
        <div class="actions">
          <ShareLink path={`/host/${host}`} title={words.share} />
        </div>
      </header>
      {sameHex(mine, host) && <p class="note">{words.yours}</p>}
      {state.kind === "loading" && (
        <div class="ghost line" role="status" aria-busy="true" aria-label={t.common.loading} />
      )}
      {state.kind === "unreachable" && (
        <p class="note" role="alert">
          {t.common.unreachable}. {t.common.tryingAgain}
        </p>
      )}
      {state.kind === "known" && state.stale && (
        <p class="note" role="status">
          {t.common.stale}
        </p>
      )}
      {state.kind === "known" && <Shown channel={state.channel} />}
    </main>
  );
}

function Shown({ channel }: { channel: Channel }): JSX.Element {
  const words = useChannelText().channel;
  const { shown, room, upcoming } = channel;
  if (shown === null || room === null) return <Unknown />;
  const later = upcoming.filter(({ room_id }) => room_id !== room.room_id);
  return (
    <>
      {channel.presence === "unknown" && room.status !== "ended" && (
        <p class="note" role="status">
          {words.presenceUnknown}
        </p>
      )}
      <Big room={room} shown={shown} />
      {later.length > 0 && (
        <section class="block">
          <h2>{words.upcoming}</h2>
          <ul class="rows">
            {later.map((one) => (
              <li key={one.room_id}>
                <RoomLine room={one} to={`/room/${one.room_id}`} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Big({ room, shown }: { room: Room; shown: NonNullable<Channel["shown"]> }): JSX.Element {
  const t = useText();
  const words = useChannelText().channel;
  const [tone, word] = stateLabel(t, room);
  const live = shown === "on_air";
  const isOver = room.status === "ended";
  const heading = { on_air: words.liveNow, next: words.next, last: isOver ? words.last : words.openNow }[shown];
  const to = `/room/${room.room_id}`;
  return (
    <section class="channel-room" aria-label={heading}>
      <p class="channel-what" role="status">
        {heading}
      </p>
      <Link to={to} class="channel-art">
        <RoomArt seed={seedOf(room)}>
          <Pill tone={tone}>{word}</Pill>
        </RoomArt>
      </Link>
      <div class="stack">
        <h2>
          <RoomTitle title={room.title} />
        </h2>
        {live && (
          <p class="facts">
            <LiveFacts room={room} />
          </p>
        )}
        <RoomDescription room={room} />
        <p class="buttons">
          <Link to={to} class={`button ${isOver ? "" : "primary"}`}>
            {live && <Icon name="play" />} {live ? words.watch : words.openRoom}
          </Link>
          {shown === "next" && <CalendarLink room={room} word={words.calendar} />}
        </p>
        {shown === "last" && <p class="dim">{words.nothing}</p>}
      </div>
    </section>
  );
}

/** Nobody here has hosted by this address. */
function Unknown(): JSX.Element {
  const t = useText();
  const words = useChannelText().channel;
  return (
    <div class="empty" role="status">
      <span class="rings" aria-hidden="true" />
      <h2>{words.unknown}</h2>
      <p>{words.unknownMore}</p>
      <Link to="/" class="button">
        {t.home.see}
      </Link>
    </div>
  );
}
