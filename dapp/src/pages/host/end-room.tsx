/** Ending a room: what that costs now is said first, and is true when it is sent. */
import type { JSX } from "preact";
import { roomNumber } from "../../base/room-id";
import { endRoom, expireRoom } from "../../contract/calls";
import { Failed } from "../../contract/failures";
import { type Ending, endingOf, readStanding } from "../../contract/standing";
import { useText } from "../../i18n";
import { dateTime, etherAmount, useLanguage } from "../../i18n/format";
import { type FormProps, RoomForm } from "./room-form";
import { AwayNote } from "./send-note";
import { useReading } from "./use-reading";

export function EndRoom({ room, host, done }: FormProps): JSX.Element {
  const t = useText();
  const lang = useLanguage();
  const number = roomNumber(room.room_id);
  const { found, away } = useReading(host, room.contract, (at) => readStanding(at, number), room.room_id);
  const ending = found === null ? null : endingOf(found);
  async function call() {
    const { read } = host;
    if (read === null || ending === null) throw new Failed({ kind: "unreachable" });
    const now = endingOf(await readStanding({ request: read, contract: room.contract }, number));
    if (now.costs > ending.costs) throw new Failed({ kind: "dearer" });
    return now.call === "expire" ? expireRoom(number) : endRoom(number);
  }
  return (
    <RoomForm
      room={room}
      event="RoomEnded"
      host={host}
      word={ending !== null && ending.costs > 0n ? t.manage.endAndPay(etherAmount(ending.costs, lang)) : t.manage.end}
      danger
      off={ending === null}
      call={call}
      done={done}
    >
      {ending !== null && <Costs ending={ending} pending={room.status === "pending"} />}
      <p>{t.manage.endHow}</p>
      {away && <AwayNote />}
    </RoomForm>
  );
}

function Costs({ ending, pending }: { ending: Ending; pending: boolean }): JSX.Element | null {
  const t = useText();
  const lang = useLanguage();
  if (ending.costs > 0n) {
    return (
      <p class="note" role="status">
        {t.manage.endCosts(etherAmount(ending.costs, lang), dateTime(ending.freeAt, lang))}
      </p>
    );
  }
  return pending && ending.call === "expire" ? <p>{t.manage.endFree}</p> : null;
}
