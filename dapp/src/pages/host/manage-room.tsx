/** What a host may do with an open room besides broadcasting. */
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { Room } from "../../api/types";
import { roomNumber } from "../../base/room-id";
import { rekeyRoom } from "../../contract/calls";
import { useText } from "../../i18n";
import { Dialog } from "../../ui/dialog";
import { Icon, type IconName } from "../../ui/icons";
import { Later } from "../../ui/later";
import type { Host } from "../../wallet/use-host";
import { EndRoom } from "./end-room";
import { type FormProps, RoomForm } from "./room-form";
import { KeysNote } from "./send-note";
import { withNewKey } from "./use-send";

interface Props {
  room: Room;
  host: Host;
}

// What is not urgent is loaded when it is opened: the page's first load is smaller without it.
const renaming = () => import("./room-forms").then((part) => part.Rename);
const handingOver = () => import("./room-forms").then((part) => part.HandOver);
const describing = () => import("./describe-room").then((part) => part.DescribeRoom);

export function ManageRoom({ room, host }: Props): JSX.Element {
  const t = useText();
  const pending = room.status === "pending"; // it stays as it was created until it is set up
  return (
    <section class="block manage">
      <h2>{t.manage.title}</h2>
      <ul class="rows">
        <Entry icon="pencil" word={t.manage.rename} more={t.manage.renameMore}>
          {(done) => <Later load={renaming} props={{ room, host, done }} part />}
        </Entry>
        <Entry icon="calendar" word={t.manage.describe} more={t.manage.describeMore}>
          {(done) => <Later load={describing} props={{ room, host, done }} part />}
        </Entry>
        <Entry icon="people" word={t.manage.handOver} more={t.manage.handOverMore}>
          {(done) => <Later load={handingOver} props={{ room, host, done }} part />}
        </Entry>
        <Entry icon="key" word={t.manage.rekey} more={pending ? t.manage.notYet : t.manage.rekeyMore} off={pending}>
          {(done) => <Rekey room={room} host={host} done={done} />}
        </Entry>
        <Entry icon="close" word={t.manage.end} more={t.manage.endMore} danger>
          {(done) => <EndRoom room={room} host={host} done={done} />}
        </Entry>
      </ul>
    </section>
  );
}

/** For a host who has lost the room's key. */
export function RekeyButton({ room, host }: Props): JSX.Element {
  const t = useText();
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <button type="button" class="button primary" onClick={() => setOpen(true)}>
        {t.manage.rekey}
      </button>
      {open && (
        <Dialog title={t.manage.rekey} onClose={close}>
          <Rekey room={room} host={host} done={close} />
        </Dialog>
      )}
    </>
  );
}

interface EntryProps {
  icon: IconName;
  word: string;
  more: string;
  danger?: boolean;
  off?: boolean;
  children: (done: () => void) => ComponentChildren;
}

function Entry({ icon, word, more, danger, off, children }: EntryProps): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <button
        type="button"
        class={`row-button ${danger === true ? "danger" : ""}`}
        disabled={off === true}
        onClick={() => setOpen(true)}
      >
        <Icon name={icon} />
        <span>
          <strong>{word}</strong>
          <small class="dim">{more}</small>
        </span>
      </button>
      {open && (
        <Dialog title={word} onClose={() => setOpen(false)}>
          {children(() => setOpen(false))}
        </Dialog>
      )}
    </li>
  );
}

function Rekey({ room, host, done }: FormProps): JSX.Element {
  const t = useText();
  const call = () => withNewKey(host, room.contract, (key) => rekeyRoom(roomNumber(room.room_id), key));
  return (
    <RoomForm room={room} event="RoomRekeyed" host={host} word={t.manage.rekey} call={call} done={done}>
      <p>{t.manage.rekeyHow}</p>
      <KeysNote />
    </RoomForm>
  );
}
