/** What a host may do with an open room besides broadcasting. */
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { Room } from "../../api/types";
import { isAddress, sameHex } from "../../base/hex";
import { roomNumber } from "../../base/room-id";
import { MAX_TITLE_BYTES, rekeyRoom, textBytes, transferRoom, updateRoom } from "../../contract/calls";
import { useText } from "../../i18n";
import { ShortAddress } from "../../ui/address";
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

/** Few hosts come for it: a page's first load is smaller without it. */
const describing = () => import("./describe-room").then((part) => part.DescribeRoom);

export function ManageRoom({ room, host }: Props): JSX.Element {
  const t = useText();
  const pending = room.status === "pending"; // it stays as it was created until it is set up
  return (
    <section class="block manage">
      <h2>{t.manage.title}</h2>
      <ul class="rows">
        <Entry icon="pencil" word={t.manage.rename} more={t.manage.renameMore}>
          {(done) => <Rename room={room} host={host} done={done} />}
        </Entry>
        <Entry icon="calendar" word={t.manage.describe} more={t.manage.describeMore}>
          {(done) => <Later load={describing} props={{ room, host, done }} part />}
        </Entry>
        <Entry icon="people" word={t.manage.handOver} more={t.manage.handOverMore}>
          {(done) => <HandOver room={room} host={host} done={done} />}
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

function Rename({ room, host, done }: FormProps): JSX.Element {
  const t = useText();
  const [title, setTitle] = useState(room.title);
  const tooLong = textBytes(title.trim()) > MAX_TITLE_BYTES;
  const unchanged = title.trim() === room.title;
  const call = () => updateRoom(roomNumber(room.room_id), title.trim());
  return (
    <RoomForm
      room={room}
      event="RoomUpdated"
      host={host}
      word={t.manage.save}
      off={tooLong || unchanged}
      call={call}
      done={done}
    >
      <div class="field">
        <label for="new-title">{t.create.name}</label>
        <input
          id="new-title"
          type="text"
          autoComplete="off"
          value={title}
          aria-invalid={tooLong}
          aria-describedby="new-title-hint"
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
        <span id="new-title-hint" class={`hint ${tooLong ? "bad-text" : ""}`}>
          {tooLong ? t.reverts.TitleTooLong : t.create.nameMore}
        </span>
      </div>
    </RoomForm>
  );
}

function HandOver({ room, host, done }: FormProps): JSX.Element {
  const t = useText();
  const [to, setTo] = useState("");
  const number = roomNumber(room.room_id);
  if (room.pending_host !== null) {
    return (
      <RoomForm
        room={room}
        event="RoomTransferStarted"
        host={host}
        word={t.manage.takeBack}
        call={() => transferRoom(number)}
        done={done}
      >
        <p>
          {t.manage.offeredTo} <ShortAddress of={room.pending_host} />
        </p>
        <p class="dim">{t.manage.offeredMore}</p>
      </RoomForm>
    );
  }
  const wanted = to.trim();
  const bad = wanted !== "" && (!isAddress(wanted) || sameHex(wanted, room.host));
  const call = () => transferRoom(number, wanted as `0x${string}`);
  return (
    <RoomForm
      room={room}
      event="RoomTransferStarted"
      host={host}
      word={t.manage.offer}
      off={wanted === "" || bad}
      call={call}
      done={done}
    >
      <p class="dim">{t.manage.handOverHow}</p>
      <div class="field">
        <label for="new-host">{t.manage.newHost}</label>
        <input
          id="new-host"
          type="text"
          class="mono"
          autoComplete="off"
          spellcheck={false}
          placeholder="0x…"
          value={to}
          aria-invalid={bad}
          aria-describedby="new-host-hint"
          onInput={(event) => setTo(event.currentTarget.value)}
        />
        <span id="new-host-hint" class="hint bad-text">
          {bad ? t.manage.badNewHost : ""}
        </span>
      </div>
    </RoomForm>
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
