/** What a host may do with an open room besides broadcasting. */
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { Room } from "../../api/types";
import { useText } from "../../i18n";
import { Dialog } from "../../ui/dialog";
import { Icon, type IconName } from "../../ui/icons";
import { Later } from "../../ui/later";
import type { Host } from "../../wallet/use-host";

interface Props {
  room: Room;
  host: Host;
}

// What is not urgent is loaded when it is opened: the page's first load is smaller without it.
const renaming = () => import("./room-forms").then((part) => part.Rename);
const handingOver = () => import("./room-forms").then((part) => part.HandOver);
const rekeying = () => import("./room-forms").then((part) => part.Rekey);
const ending = () => import("./end-room").then((part) => part.EndRoom);
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
          {(done) => <Later load={rekeying} props={{ room, host, done }} part />}
        </Entry>
        <Entry icon="close" word={t.manage.end} more={t.manage.endMore} danger>
          {(done) => <Later load={ending} props={{ room, host, done }} part />}
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
          <Later load={rekeying} props={{ room, host, done: close }} part />
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
