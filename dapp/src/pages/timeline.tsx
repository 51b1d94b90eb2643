/** A room's events in their order: what, when, who, in which block and transaction. */
import type { JSX } from "preact";
import type { RoomEvent } from "../api/types";
import { useText, type Catalogue } from "../i18n";
import { count, dateTime, useLanguage } from "../i18n/format";
import { Address } from "../ui/address";
import { RoomTitle } from "../ui/title";
import { Hash } from "../ui/hash";

export function Timeline({ events }: { events: RoomEvent[] }): JSX.Element {
  const t = useText();
  const lang = useLanguage();
  return (
    <ol class="timeline">
      {events.map((event) => (
        <li key={event.seq}>
          <h3>{nameOf(t, event.name)}</h3>
          <Detail event={event} />
          <p class="facts">
            <time dateTime={new Date(event.at * 1000).toISOString()}>{dateTime(event.at, lang)}</time>
            <Address of={event.actor} />
          </p>
          <p class="facts">
            <span>{t.road.block(count(event.block, lang))}</span>
            <Hash of={event.tx} label={t.audit.transaction} />
            <span>{t.audit.event(event.seq)}</span>
          </p>
        </li>
      ))}
    </ol>
  );
}

export function nameOf(t: Catalogue, name: string): string {
  return name in t.audit.events ? t.audit.events[name as keyof typeof t.audit.events] : name;
}

/** What an event says besides its name. */
function Detail({ event }: { event: RoomEvent }): JSX.Element | null {
  const t = useText();
  const { args } = event;
  const title = args["title"];
  if (typeof title === "string") {
    return (
      <p>
        <RoomTitle title={title} />
      </p>
    );
  }
  const to = args["to"];
  if (event.name === "RoomTransferStarted" && typeof to === "string") {
    return <p>{/^0x0*$/.test(to) ? t.audit.takenBack : <Address of={to} />}</p>;
  }
  if (event.name === "RoomEnded") {
    const { reason, detail } = args;
    return <p>{reasonOf(t, reason, Number(detail))}</p>;
  }
  return null;
}

const REASONS = ["", "host", "expired", "unfulfilled", "declined", "taken_down"];

function reasonOf(t: Catalogue, reason: unknown, detail: number): string {
  const word = typeof reason === "number" ? REASONS[reason] : String(reason);
  if (word === "declined") return t.end.declined[detail] ?? t.end.declined[4] ?? "";
  if (word === "taken_down") return t.end.takenDown[detail] ?? t.end.takenDown[4] ?? "";
  if (word === "host" || word === "expired" || word === "unfulfilled") return t.end[word];
  return "";
}
