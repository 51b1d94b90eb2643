/** Taking over a room that was offered: what it is, and that it is still as it is shown here. */
import type { JSX } from "preact";
import type { Hex } from "viem";
import type { Room } from "../../api/types";
import { roomNumber } from "../../base/room-id";
import { acceptRoom } from "../../contract/calls";
import { eventsLeft, FEW_EVENTS, readStanding } from "../../contract/standing";
import { useText } from "../../i18n";
import { ago, count, dateTime, useLanguage, useNow } from "../../i18n/format";
import { ShortAddress } from "../../ui/address";
import { RoomDescription } from "../../ui/room-description";
import { RoomTitle } from "../../ui/room-title";
import type { Host } from "../../wallet/use-host";
import { KeysNote, SendNote } from "./send-note";
import { useReading } from "./use-reading";
import { useSend, withNewKey } from "./use-send";

export function AcceptTransfer({ room, host }: { room: Room; host: Host }): JSX.Element {
  const t = useText();
  const lang = useLanguage();
  const now = useNow(30);
  const number = roomNumber(room.room_id);
  const sending = useSend(host, room.contract, { event: "RoomTransferred", room: String(number) });
  const { found } = useReading(host, room.contract, (at) => readStanding(at, number), `${number} ${room.last_seq}`);
  const left = found === null ? null : eventsLeft(found);
  const pending = room.status === "pending";
  const take = () =>
    sending.run(() => withNewKey(host, room.contract, (key) => acceptRoom(number, room.tag as Hex, key)));
  return (
    <section class="panel stack">
      <h2>{t.room.offered}</h2>
      <p>
        <strong>
          <RoomTitle title={room.title} />
        </strong>
      </p>
      <RoomDescription room={room} />
      <dl class="settings">
        <div>
          <dt>{t.studio.offeredBy}</dt>
          <dd>
            <ShortAddress of={room.host} />
          </dd>
        </div>
        <div>
          <dt>{t.studio.openUntil}</dt>
          <dd>
            {dateTime(room.expires_at, lang)} ({ago(room.expires_at, now, lang, t.common.justNow)})
          </dd>
        </div>
        {found !== null && (
          <div>
            <dt>{t.studio.eventsUsed}</dt>
            <dd>{t.studio.usedOf(count(found.room.events, lang), count(found.terms.maxRoomEvents, lang))}</dd>
          </div>
        )}
      </dl>
      {left !== null && left < FEW_EVENTS && (
        <p class="note" role="status">
          {t.studio.fewEvents(count(left, lang))}
        </p>
      )}
      <p class="dim">{t.studio.offeredMore}</p>
      {pending && (
        <p class="note" role="status">
          {t.studio.notYet}
        </p>
      )}
      <KeysNote />
      <SendNote sending={sending} />
      <div class="buttons">
        <button
          type="button"
          class="button primary"
          disabled={sending.busy || host.wrongChain || pending}
          onClick={() => void take()}
        >
          {sending.step === null ? t.room.takeOver : t.transaction[sending.step.at]}
        </button>
      </div>
    </section>
  );
}
