/** One class list: its people and links, who is here, what can be taken away as a file, and what can be withdrawn. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ApiError } from "../../api/client";
import type { Room } from "../../api/types";
import { useClassText } from "../../i18n/class";
import { count, dateTime, stayed, useLanguage } from "../../i18n/format";
import { type ClassList, isWithdrawn, type ListedLink, type Owner } from "../../playback/class-list";
import type { Attendance, DeskLink, Seen } from "../../playback/host-desk";
import { ShortAddress } from "../../ui/address";
import { Dialog } from "../../ui/dialog";
import { Icon } from "../../ui/icons";
import { useOrigin } from "../../ui/share";
import type { Host } from "../../wallet/use-host";
import { attendanceFile, download, linkAddress, linkName, linksFile } from "./class-files";
import { AddGroup, AddPeople } from "./class-list-add";
import { LinkDetails } from "./class-list-link";
import { Withdraw } from "./class-list-withdraw";
import { CopyButton } from "./copy-button";
import { deskWords } from "./desk-words";
import { type Desk, useDesk } from "./use-desk";

export interface ListProps {
  room: Room;
  host: Host;
  /** The playback service's address. */
  service: string;
  owner: Owner;
}

export interface SectionProps extends ListProps {
  list: ClassList;
  /** All of the room's, in this browser. */
  lists: ClassList[];
  /** Something in the browser's store is another now. */
  changed: () => void;
}

export function ListSection(props: SectionProps): JSX.Element | null {
  const { room, service, list, changed } = props;
  const desk = useDesk(service, room.room_id, list.id, changed);
  return isWithdrawn(list) ? <Gone list={list} failure={desk.failure} /> : <Inside {...props} desk={desk} />;
}

/** A withdrawn list is shown until the service knows. */
function Gone({ list, failure }: { list: ClassList; failure: ApiError | null }): JSX.Element {
  const t = useClassText();
  const told = list.withdrawals.every((one) => one.told);
  return (
    <div class="stack tight">
      <p class="note">{told ? t.classList.allDone : t.classList.withdrawalWait}</p>
      {!told && <DeskNote failure={failure} />}
    </div>
  );
}

function DeskNote({ failure }: { failure: ApiError | null }): JSX.Element | null {
  const t = useClassText();
  if (failure === null) return null;
  return (
    <p class="note wrap" role="status">
      {deskWords(t, failure)}
    </p>
  );
}

function Inside(props: SectionProps & { desk: Desk }): JSX.Element {
  const t = useClassText();
  const lang = useLanguage();
  const { room, list, lists, desk } = props;
  const origin = useOrigin();
  const { seen, failure } = desk;
  const live = room.status !== "ended";
  const people = list.links.filter(({ seats }) => seats === 1);
  const groups = list.links.filter(({ seats }) => seats > 1);
  // a link that was withdrawn is of interest until its person has another one
  const shown = [...groups, ...people].filter(
    (link) =>
      link.revokedAt === null || !list.links.some((one) => one.number === link.number && isLater(list, one, link)),
  );
  const wallets = (seen?.rows ?? []).filter((row) => row.left === null && row.who.address !== null);
  const known = lists.flatMap(({ links }) => links);
  const file = (name: string) => `${name}-${room.room_id}.csv`;
  return (
    <div class="stack">
      <div>
        <p class="facts">
          <span>{list.scope.kind === "room" ? t.classList.forRoom : t.classList.forClass}</span>
          <span class="dim">{t.classList.validUntil(dateTime(list.until, lang))}</span>
        </p>
        <p class="dim small">{t.classList.names}</p>
      </div>
      {live && <Presence seen={seen} failure={failure} />}
      <DeskNote failure={failure} />
      {shown.length > 0 && (
        <ul class="rows">
          {shown.map((link) => (
            <LinkRow key={link.hash} {...props} link={link} at={deskLink(seen, link)} />
          ))}
        </ul>
      )}
      {live && wallets.length > 0 && <Wallets rows={wallets} now={seen?.now ?? 0} />}
      {live && (
        <>
          <AddPeople list={list} changed={props.changed} />
          <AddGroup list={list} changed={props.changed} />
        </>
      )}
      <div class="buttons">
        {live && list.links.length > 0 && (
          <button
            type="button"
            class="button"
            onClick={() => download(file(t.classList.fileName), linksFile(t, list, origin, room.room_id))}
          >
            <Icon name="copy" /> {t.classList.file}
          </button>
        )}
        <button
          type="button"
          class="button"
          disabled={seen === null}
          onClick={() => seen !== null && download(file(t.classList.attendanceName), attendanceFile(t, known, seen))}
        >
          <Icon name="people" /> {t.classList.attendance}
        </button>
      </div>
      {live && <Withdraw {...props} />}
    </div>
  );
}

const isLater = ({ links }: ClassList, one: ListedLink, other: ListedLink): boolean =>
  links.indexOf(one) > links.indexOf(other);

const deskLink = (seen: Seen | null, { hash }: ListedLink): DeskLink | null =>
  seen?.links.find(({ link_hash }) => link_hash === hash) ?? null;

function Presence({ seen, failure }: { seen: Seen | null; failure: ApiError | null }): JSX.Element | null {
  const t = useClassText();
  const lang = useLanguage();
  if (seen === null) return failure === null ? <p role="status">{t.classList.asking}</p> : null;
  const people = seen.rows.filter(({ left, role }) => left === null && role !== "host").length;
  return (
    <p role="status">
      <strong>{t.classList.here(count(people, lang))}</strong>
    </p>
  );
}

/** Holders of the token, moderators. */
function Wallets({ rows, now }: { rows: Attendance[]; now: number }): JSX.Element {
  const t = useClassText();
  return (
    <section aria-label={t.classList.others}>
      <h3>{t.classList.others}</h3>
      <ul class="plain">
        {rows.map(({ who, role, entered }) => (
          <li key={`${JSON.stringify(who)}${entered}`} class="facts">
            {who.address !== null && <ShortAddress of={who.address} />}
            <span class="dim">{t.classList.role[role] ?? role}</span>
            <Stay seconds={now - entered} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Stay({ seconds }: { seconds: number }): JSX.Element {
  const t = useClassText();
  const lang = useLanguage();
  return <span class="here">{t.classList.hereFor(stayed(seconds, lang))}</span>;
}

interface RowProps extends SectionProps {
  desk: Desk;
  link: ListedLink;
  /** What the service knows of it; null: nothing yet. */
  at: DeskLink | null;
}

function LinkRow(props: RowProps): JSX.Element {
  const t = useClassText();
  const { room, link, at, desk } = props;
  const [open, setOpen] = useState(false);
  const origin = useOrigin();
  const name = linkName(t, link);
  return (
    <li class="link-row">
      <button type="button" class="row-button" onClick={() => setOpen(true)}>
        <span class="grow">
          <strong class="wrap">{name}</strong>
          <small class="facts">
            <LinkState link={link} at={at} now={desk.seen?.now ?? 0} />
          </small>
        </span>
      </button>
      {link.revokedAt === null && (
        <CopyButton value={linkAddress(origin, room.room_id, link)} label={t.classList.copy(name)} />
      )}
      {open && (
        <Dialog title={name} onClose={() => setOpen(false)}>
          <LinkDetails {...props} address={linkAddress(origin, room.room_id, link)} done={() => setOpen(false)} />
        </Dialog>
      )}
    </li>
  );
}

function LinkState({ link, at, now }: { link: ListedLink; at: DeskLink | null; now: number }): JSX.Element {
  const t = useClassText();
  const lang = useLanguage();
  if (link.revokedAt !== null) {
    return <span>{link.revokeTold ? t.classList.revoked : t.classList.revokedWait}</span>;
  }
  const [first] = at?.present ?? [];
  return (
    <>
      {link.seats > 1 && (
        <span>{t.classList.hereSeats(count(at?.present.length ?? 0, lang), count(link.seats, lang))}</span>
      )}
      {link.seats === 1 && first !== undefined && <Stay seconds={now - first.since} />}
      {link.seats === 1 && first === undefined && now > 0 && <span>{t.classList.notHere}</span>}
      {at?.closed === true && <span>{t.classList.closed}</span>}
      {at !== null && at.moves > 0 && link.seats === 1 && (
        <span class="warn">{at.moves === 1 ? t.classList.movedOnce : t.classList.moved(count(at.moves, lang))}</span>
      )}
      {at?.waits === true && <span class="warn">{t.classList.waits}</span>}
    </>
  );
}
