/** What a person is told while a transaction is under way, and what they can do about it. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { sleep } from "../../base/time";
import type { KeysMissing } from "../../contract/failures";
import { useText } from "../../i18n";
import { keysMissing } from "../../sealing/keys";
import { FailureNote } from "../../ui/failure-note";
import type { Sender } from "./use-send";

/** Says nothing as long as all goes as usual. */
export function SendNote({ sending }: { sending: Sender }): JSX.Element | null {
  const t = useText();
  const { step, state } = sending;
  if (step === null) return <FailureNote failure={sending.failure} />;
  if (step.at === "checking") return null;
  if (step.at === "signing") {
    return step.waiting ? <Told words={t.failure.waiting} button={t.common.cancel} act={sending.cancel} /> : null;
  }
  if (step.doubt === null) return null;
  const fault = state.kind === "going" ? (state.record?.fault ?? null) : null;
  const doubt = step.doubt === "asked" && fault !== null ? "fault" : step.doubt;
  return (
    <>
      <FailureNote failure={fault} />
      <Told
        words={t.transaction.doubt[doubt]}
        button={doubt === "asked" ? t.transaction.declined : t.transaction.leave}
        act={sending.cancel}
      />
    </>
  );
}

export function Told({ words, button, act }: { words: string; button: string; act: () => void }): JSX.Element {
  return (
    <div class="note row" role="status">
      <span>{words}</span>
      <button type="button" class="button small" onClick={act}>
        {button}
      </button>
    </div>
  );
}

const AGAIN_MS = 5_000;

/** What keeps this browser from making a room's key, looked at again until nothing does. */
export function useKeysMissing(): KeysMissing | null {
  const [missing, setMissing] = useState<KeysMissing | null>(null);
  useEffect(() => {
    const leaving = new AbortController();
    void (async () => {
      for (;;) {
        const found = await keysMissing();
        leaving.signal.throwIfAborted();
        setMissing(found);
        if (found === null || found === "unsupported") return;
        await sleep(AGAIN_MS, leaving.signal);
      }
    })().catch(() => {
      // the page is left
    });
    return () => leaving.abort();
  }, []);
  return missing;
}

/** For where a new key is needed. */
export function KeysNote(): JSX.Element | null {
  const missing = useKeysMissing();
  return missing === null ? null : <FailureNote failure={{ kind: "keys", why: missing }} />;
}

export function AwayNote(): JSX.Element {
  const t = useText();
  return (
    <p class="note" role="status">
      {t.failure.nodeAway}
    </p>
  );
}

export function ApiAway(): JSX.Element {
  const t = useText();
  return (
    <p class="note" role="status">
      {t.failure.apiAway}
    </p>
  );
}
