/** A dialog's form that sends one call about a room. */
import type { ComponentChildren, JSX } from "preact";
import type { Room } from "../../api/types";
import { roomNumber } from "../../base/room-id";
import type { Call, Effect } from "../../contract/calls";
import { useText } from "../../i18n";
import type { Host } from "../../wallet/use-host";
import { SendNote } from "./send-note";
import { useSend } from "./use-send";

export interface FormProps {
  room: Room;
  host: Host;
  done: () => void;
}

interface Props extends FormProps {
  event: Effect["event"];
  word: string;
  call: () => Call | Promise<Call>;
  off?: boolean;
  danger?: boolean;
  /** In a page and not in a dialog: nothing to close. */
  alone?: boolean;
  children: ComponentChildren;
}

export function RoomForm({ room, host, event, word, call, done, off, danger, alone, children }: Props): JSX.Element {
  const t = useText();
  const subject = { event, room: String(roomNumber(room.room_id)) };
  const sending = useSend(host, room.contract, subject);
  async function submit(submitted: Event) {
    submitted.preventDefault();
    if ((await sending.run(call)) !== null) done();
  }
  return (
    <form class="stack" onSubmit={(submitted) => void submit(submitted)}>
      {children}
      <SendNote sending={sending} />
      <div class="buttons">
        <button
          type="submit"
          class={`button ${danger === true ? "live" : "primary"}`}
          disabled={sending.busy || off === true || host.wrongChain}
        >
          {sending.step === null ? word : t.transaction[sending.step.at]}
        </button>
        {alone !== true && (
          <button type="button" class="button quiet" onClick={done}>
            {sending.busy ? t.common.close : t.common.cancel}
          </button>
        )}
      </div>
    </form>
  );
}
