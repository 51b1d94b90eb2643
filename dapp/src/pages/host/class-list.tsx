/**
 * Who a private room's host lets in: lists of names and links in this browser, and who is there. Loaded with a
 * private room's studio alone.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Room } from "../../api/types";
import { classIdOf } from "../../contract/details";
import type { KeysMissing } from "../../contract/failures";
import { useClassText } from "../../i18n/class";
import { useNow } from "../../i18n/format";
import { type ClassList, isWithdrawn, listsOfRoom, type Owner } from "../../playback/class-list";
import { KeysUnavailable } from "../../sealing/browser-store";
import { FailureNote } from "../../ui/failure-note";
import type { Host } from "../../wallet/use-host";
import { type ListProps, ListSection } from "./class-list-section";
import { StartList } from "./class-list-start";
import "../../styles/class-list.css";

interface Props {
  room: Room;
  host: Host;
}

export function ClassListPanel({ room, host }: Props): JSX.Element | null {
  const t = useClassText();
  const { config } = host;
  if (config === null) return null;
  const service = config.playback_services?.[room.operator_id] ?? null;
  return (
    <section class="block class-list" aria-labelledby="class-list">
      <h2 id="class-list">{t.classList.title}</h2>
      {service === null && <p class="note">{t.classList.noService}</p>}
      {service !== null && room.status === "pending" && <p class="note">{t.classList.notYet}</p>}
      {service !== null && room.status !== "pending" && (
        <Lists
          room={room}
          host={host}
          service={service}
          owner={{ chainId: config.chain_id, contract: room.contract as Owner["contract"], host: room.host as never }}
        />
      )}
    </section>
  );
}

function Lists(props: ListProps): JSX.Element {
  const t = useClassText();
  const { room, owner } = props;
  const classId = classIdOf(room.description?.class);
  const [lists, setLists] = useState<ClassList[] | null>(null);
  const [missing, setMissing] = useState<KeysMissing | null>(null);
  const [looks, setLooks] = useState(0);
  const now = useNow(30);
  const again = () => setLooks((before) => before + 1);
  useEffect(() => {
    let here = true;
    listsOfRoom(owner, room.room_id, classId).then(
      (found) => {
        if (!here) return;
        setMissing(null);
        setLists(found);
      },
      (error) => here && setMissing(error instanceof KeysUnavailable ? error.why : "refused"),
    );
    return () => {
      here = false;
    };
  }, [room.room_id, room.host, classId, looks]);
  if (lists === null) {
    if (missing === null)
      return <div class="ghost line" role="status" aria-busy="true" aria-label={t.common.loading} />;
    return (
      <>
        <FailureNote failure={{ kind: "keys", why: missing }} />
        <div class="buttons">
          <button type="button" class="button" onClick={again}>
            {t.common.again}
          </button>
        </div>
      </>
    );
  }
  const ended = room.status === "ended";
  const usable = lists.filter((list) => !isWithdrawn(list, lists) && (ended || now < list.until));
  const open = lists.filter((list) => usable.includes(list) || isWithdrawn(list));
  return (
    <>
      {open.map((list) => (
        <ListSection key={list.id} {...props} list={list} lists={lists} changed={again} />
      ))}
      {usable.length === 0 && lists.length > 0 && open.length === 0 && <p class="note">{t.classList.over}</p>}
      {usable.length === 0 && !ended && <StartList {...props} lists={lists} classId={classId} done={again} />}
    </>
  );
}
