/**
 * A room whose creation is under way in this browser: asked for, not yet known. It is found again after a
 * reload or in a second tab; until it is known or put away, no other one can be begun.
 */
import type { JSX } from "preact";
import type { ChainEvent } from "../../contract/events";
import { useText } from "../../i18n";
import { RoomTitle } from "../../ui/room-title";
import { Steps } from "../../ui/steps";
import type { Host } from "../../wallet/use-host";
import { SendNote } from "./send-note";
import { type Sender, useSend } from "./use-send";

export const useCreation = (host: Host, onFound?: (event: ChainEvent) => void): Sender =>
  useSend(host, host.config?.contract ?? "", { event: "RoomCreated", room: null }, onFound);

/** Whether it is to be waited for, or put away by the person, before another one. */
export const isOpen = ({ state }: Sender): boolean =>
  state.kind === "going" ? state.step.at === "sent" : state.kind === "failed" && state.failure.kind === "lost";

export function Creation({ sending }: { sending: Sender }): JSX.Element | null {
  const t = useText();
  const { state, step } = sending;
  if (!isOpen(sending) || state.kind === "idle") return null;
  const doubt = step?.at === "sent" ? step.doubt : null;
  const known = step !== null && doubt !== "asked" && doubt !== "perhaps";
  return (
    <section class="panel" aria-label={t.transaction.title}>
      <h2>
        <RoomTitle title={state.record?.effect.args.title ?? ""} />
      </h2>
      {known && (
        <Steps
          label={t.transaction.title}
          lines={[
            { word: t.transaction.signed, state: "done" },
            { word: t.transaction.mined, state: "now", more: t.transaction.minedWait },
            { word: t.transaction.confirmed, state: "next" },
            { word: t.transaction.ready, state: "next" },
          ]}
        />
      )}
      <SendNote sending={sending} />
      {step === null && (
        <div class="buttons">
          <button type="button" class="button" onClick={sending.cancel}>
            {t.transaction.forget}
          </button>
        </div>
      )}
    </section>
  );
}
