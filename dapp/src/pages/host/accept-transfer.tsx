/** Taking over a room that was offered. */
import type { JSX } from "preact";
import type { Room } from "../../api/types";
import { roomNumber } from "../../base/room-id";
import { acceptRoom } from "../../contract/calls";
import { useText } from "../../i18n";
import { ShortAddress } from "../../ui/address";
import type { Host } from "../../wallet/use-host";
import { KeysNote, SendNote } from "./send-note";
import { useSend, withNewKey } from "./use-send";

export function AcceptTransfer({ room, host }: { room: Room; host: Host }): JSX.Element {
  const t = useText();
  const number = roomNumber(room.room_id);
  const sending = useSend(host, room.contract, { event: "RoomTransferred", room: String(number) });
  const take = () => sending.run(() => withNewKey(host, room.contract, (key) => acceptRoom(number, key)));
  return (
    <section class="panel">
      <h2>{t.room.offered}</h2>
      <p>
        {t.studio.offeredBy} <ShortAddress of={room.host} />
      </p>
      <p class="dim">{t.studio.offeredMore}</p>
      <KeysNote />
      <SendNote sending={sending} />
      <div class="buttons">
        <button
          type="button"
          class="button primary"
          disabled={sending.busy || host.wrongChain}
          onClick={() => void take()}
        >
          {sending.step === null ? t.room.takeOver : t.transaction[sending.step.at]}
        </button>
      </div>
    </section>
  );
}
