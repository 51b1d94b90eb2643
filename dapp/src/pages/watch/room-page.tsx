/** A room, as a viewer sees it. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { giveHint } from "../../api/client";
import { configState, isConfig } from "../../api/config";
import type { Room } from "../../api/types";
import { useRoom } from "../../api/use-room";
import { plainTitle } from "../../base/plain-text";
import { scrub } from "../../base/scrub";
import { useStore } from "../../base/store";
import { useText } from "../../i18n";
import { ago, dateTime, useLanguage, useNow } from "../../i18n/format";
import { ShortAddress, shortAddress } from "../../ui/address";
import { Icon } from "../../ui/icons";
import { stateLabel } from "../../ui/labels";
import { Later } from "../../ui/later";
import { Link } from "../../ui/link";
import { Pill } from "../../ui/pill";
import { RoomDescription } from "../../ui/room-description";
import { RoomTitle } from "../../ui/room-title";
import { ShareButton } from "../../ui/share";
import { HostBar } from "./host-bar";
import { Player } from "./player";
import { Recordings } from "./recordings";

export function RoomPage({ id }: { id: string }): JSX.Element {
  const t = useText();
  const state = useRoom(id);
  const [live, setLive] = useState<boolean | null>(null);
  const room = state.kind === "known" ? state.room : null;
  useHint(room, live);
  useEffect(() => {
    document.title = `${room === null ? id : plainTitle(room.title) || t.room.untitled} · ${t.common.name}`;
  }, [room?.title, t]);
  return (
    <main class="room-page" id="main">
      <Player state={state} onLive={setLive} />
      {room !== null && <Under room={room} live={live} />}
      {state.kind === "unknown" && (
        <p class="after-stage">
          <AllRooms />
        </p>
      )}
      {state.kind === "known" && state.stale && (
        <p class="note" role="status">
          {t.common.stale}
        </p>
      )}
    </main>
  );
}

/** Who waits for the host, or sees what the lists do not know of yet, says so once. */
function useHint(room: Room | null, live: boolean | null): void {
  const given = useRef(false);
  const wanted = room?.status === "active" && live !== null && (live === false || room.live !== true);
  useEffect(() => {
    if (!wanted || given.current || room === null) return;
    given.current = true;
    giveHint(room.room_id);
  }, [wanted]);
}

function Under({ room, live }: { room: Room; live: boolean | null }): JSX.Element {
  const t = useText();
  const lang = useLanguage();
  const now = useNow(20);
  const [tone, word] = stateLabel(t, room, live);
  return (
    <>
      <header class="room-head">
        <div>
          <h1>
            <RoomTitle title={room.title} />
          </h1>
          <p class="facts">
            {tone !== "live" && <Pill tone={tone}>{word}</Pill>}
            <Link to={`/host/${room.host}`} class="host-link" label={t.room.channelOf(shortAddress(room.host))}>
              <ShortAddress of={room.host} />
            </Link>
            <time dateTime={new Date(room.created_at * 1000).toISOString()} title={dateTime(room.created_at, lang)}>
              {ago(room.created_at, now, lang, t.common.justNow)}
            </time>
          </p>
        </div>
        <div class="actions">
          {room.status === "ended" ? <AllRooms /> : <ShareButton room={room} />}
          <a class="button quiet" href={`/audit/${room.room_id}`}>
            <Icon name="shield" /> {t.room.history}
          </a>
          <ReportLink room={room} />
        </div>
      </header>
      <RoomDescription room={room} />
      <HostBar room={room} />
      {room.mode === "broadcast" && room.access === "public" && <Recordings room={room} />}
      {room.mode === "broadcast" && room.access !== "public" && room.status === "ended" && (
        <Later part load={loadPrivate} props={{ room }} />
      )}
    </>
  );
}

const loadPrivate = () => import("./private-recordings").then((part) => part.PrivateRecordings);

function AllRooms(): JSX.Element {
  const t = useText();
  return (
    <Link to="/" class="button">
      {t.home.see}
    </Link>
  );
}

/** Leads to the operator's contact. */
function ReportLink({ room }: { room: Room }): JSX.Element | null {
  const t = useText();
  const settings = useStore(configState);
  if (!isConfig(settings) || settings.operator_contact === null) return null;
  const subject = encodeURIComponent(scrub(`${t.room.reportSubject} ${room.room_id}`));
  const contact = settings.operator_contact;
  const href = contact.startsWith("mailto:") ? `${contact}?subject=${subject}` : contact;
  if (!/^(mailto:|https:)/.test(href)) return null;
  return (
    <a class="button quiet" href={href} target="_blank" rel="noopener noreferrer">
      <Icon name="flag" /> {t.room.report}
    </a>
  );
}
