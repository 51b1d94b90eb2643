/** A room's events in their order: what, when, who, in which block and transaction. */
import type { JSX } from "preact";
import type { RoomEvent } from "../../api/types";
import { isZero } from "../../base/hex";
import type { EndReason } from "../../contract/enums";
import { type AuditCatalogue, useAuditText } from "../../i18n/audit";
import { count, dateTime, etherAmount, useLanguage } from "../../i18n/format";
import { ShortAddress } from "../../ui/address";
import { Hash } from "../../ui/hash";
import { endLabel } from "../../ui/labels";
import { PlainText, RoomTitle } from "../../ui/room-title";

export function Timeline({ events }: { events: RoomEvent[] }): JSX.Element {
  const t = useAuditText();
  const lang = useLanguage();
  return (
    <ol class="timeline">
      {events.map((event) => (
        <li key={event.seq}>
          <h3>{eventName(t, event.name)}</h3>
          <Detail event={event} />
          <p class="facts">
            <time dateTime={new Date(event.at * 1000).toISOString()}>{dateTime(event.at, lang)}</time>
            <ShortAddress of={event.actor} />
          </p>
          <p class="facts">
            <span>{t.transaction.block(count(event.block, lang))}</span>
            <Hash of={event.tx} label={t.audit.transaction} />
            <span>{t.audit.event(count(event.seq, lang))}</span>
          </p>
        </li>
      ))}
    </ol>
  );
}

export function eventName(t: AuditCatalogue, name: string): string {
  return Object.hasOwn(t.audit.events, name) ? t.audit.events[name as keyof typeof t.audit.events] : name;
}

/** What a host told, as it stands: nobody vouches that it is JSON. */
function Described({ args }: Pick<RoomEvent, "args">): JSX.Element {
  const lang = useLanguage();
  const at = Number(args.starts_at);
  return (
    <>
      {at > 0 && <p>{dateTime(at, lang)}</p>}
      <PlainText text={String(args.details)} />
    </>
  );
}

/** What an event says besides its name. */
function Detail({ event }: { event: RoomEvent }): JSX.Element | null {
  const t = useAuditText();
  const lang = useLanguage();
  const { args } = event;
  const title = args.title;
  if (typeof title === "string") {
    return (
      <p>
        <RoomTitle title={title} />
      </p>
    );
  }
  if (event.name === "RoomDescribed") return <Described args={args} />;
  const to = args.to;
  if (event.name === "RoomTransferStarted" && typeof to === "string") {
    return <p>{isZero(to) ? t.audit.takenBack : <ShortAddress of={to} />}</p>;
  }
  if (event.name === "RoomEnded") {
    return (
      <>
        <p>{endLabel(t, { reason: args.reason as EndReason, detail: Number(args.detail) })}</p>
        <p class="facts">
          {t.audit.credited(etherAmount(BigInt(String(args.amount)), lang))} <ShortAddress of={String(args.host)} />
        </p>
      </>
    );
  }
  return null;
}
