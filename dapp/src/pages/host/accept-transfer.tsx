/** Taking over a room that was offered. */
import type { JSX } from "preact";
import type { Room } from "../../api/types";
import { roomNumber } from "../../base/room-id";
import { acceptRoom } from "../../contract/calls";
import { useText } from "../../i18n";
import { ShortAddress } from "../../ui/address";
import { FailureNote } from "../../ui/failure-note";
import type { Host } from "../../wallet/use-host";
import { useSend, withNewKey } from "./use-send";

export function AcceptTransfer({ room, host }: { room: Room; host: Host }): JSX.Element {
  const t = useText();
  const sending = useSend(host);
  const take = () =>
    sending.run(room.contract, () => withNewKey(host, room, (key) => acceptRoom(roomNumber(room.room_id), key)));
  return (
    <section class="panel">
      <h2>{t.room.offered}</h2>
      <p>
        {t.studio.offeredBy} <ShortAddress of={room.host} />
      </p>
      <p class="dim">{t.studio.offeredMore}</p>
      <FailureNote failure={sending.failure} />
      <div class="buttons">
        <button
          type="button"
          class="button primary"
          disabled={sending.busy || host.wrongChain}
          onClick={() => void take()}
        >
          {sending.state.kind === "going" ? t.transaction[sending.state.step.at] : t.room.takeOver}
        </button>
      </div>
    </section>
  );
}
