/** Changing a room's title, handing it over, and another key for it. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { isAddress, sameHex } from "../../base/hex";
import { roomNumber } from "../../base/room-id";
import { MAX_TITLE_BYTES, rekeyRoom, textBytes, transferRoom, updateRoom } from "../../contract/calls";
import { useText } from "../../i18n";
import { ShortAddress } from "../../ui/address";
import { type FormProps, RoomForm } from "./room-form";
import { KeysNote } from "./send-note";
import { withNewKey } from "./use-send";

export function Rename({ room, host, done }: FormProps): JSX.Element {
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

export function HandOver({ room, host, done }: FormProps): JSX.Element {
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

export function Rekey({ room, host, done }: FormProps): JSX.Element {
  const t = useText();
  const call = () => withNewKey(host, room.contract, (key) => rekeyRoom(roomNumber(room.room_id), key));
  return (
    <RoomForm room={room} event="RoomRekeyed" host={host} word={t.manage.rekey} call={call} done={done}>
      <p>{t.manage.rekeyHow}</p>
      <KeysNote />
    </RoomForm>
  );
}
