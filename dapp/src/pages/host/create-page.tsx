/** A new room: title, mode, price; then its steps until it is on chain, and on to its studio. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { createRoom, MAX_TITLE_BYTES, titleBytes } from "../../contract/calls";
import type { Mode } from "../../contract/enums";
import { type Failure, failureOf } from "../../contract/failures";
import { send, type TransactionStep } from "../../contract/send";
import { type Offer, readOffer } from "../../contract/views";
import { useText } from "../../i18n";
import { etherAmount, useLanguage } from "../../i18n/format";
import { dropKey, type KeptKey, KeysUnavailable, newKey, saveKey } from "../../sealing/keys";
import { FailureNote } from "../../ui/failure-note";
import { type Host, useHost } from "../../wallet/use-host";
import { ConnectButton, WrongChain } from "./connect-wallet";
import { Drafts, useDrafts } from "./drafts";
import { Price } from "./price";
import { transactionContext } from "./use-send";

export function CreatePage(): JSX.Element {
  const t = useText();
  const host = useHost();
  const drafts = useDrafts(host);
  useEffect(() => {
    document.title = `${t.nav.create} · ${t.common.name}`;
  }, [t]);
  return (
    <main class="narrow" id="main">
      <h1 class="page-title">{t.create.title}</h1>
      <Drafts drafts={drafts} host={host} forward />
      <Form host={host} onSent={drafts.renew} hidden={drafts.list.length > 0} />
    </main>
  );
}

function Form({ host, onSent, hidden }: { host: Host; onSent: () => void; hidden: boolean }) {
  const t = useText();
  const lang = useLanguage();
  const [title, setTitle] = useState("");
  const [mode, setMode] = useState<Mode>("webrtc");
  const [step, setStep] = useState<TransactionStep | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const offer = useOffer(host);
  const tooLong = titleBytes(title.trim()) > MAX_TITLE_BYTES;
  const connected = host.session.kind === "ready";
  const open = offer !== null && !offer.paused && offer.operatorId !== null;

  useEffect(() => setFailure(null), [host.wrongChain, connected]);

  async function submit(event: Event) {
    event.preventDefault();
    if (offer === null || offer.operatorId === null || tooLong) return;
    setFailure(null);
    const stopping = new AbortController();
    const { config, session } = host;
    if (config === null || session.kind !== "ready") return;
    const context = transactionContext(host, config.contract, setStep, stopping.signal);
    if (context === null) return;
    let key: KeptKey | null = null;
    try {
      setStep({ at: "checking" });
      const draft = { title: title.trim(), mode, host: session.address, tx: null };
      key = await newKey({ chainId: config.chain_id, contract: config.contract, draft });
      const value = offer.terms.deposit + offer.terms.fee;
      const { operatorId } = offer;
      const call = createRoom({ operatorId, mode, ingestKey: key.publicKey, title: draft.title, value });
      const tx = await send(context, call);
      await saveKey({ ...key, draft: { ...draft, tx } });
      onSent();
    } catch (error) {
      const found: Failure = error instanceof KeysUnavailable ? { kind: "keys" } : failureOf(error);
      // sure that nothing was sent: the key is of no use
      const unsent = ["declined", "revert", "funds", "waiting", "unauthorized", "unsupported"].includes(found.kind);
      if (key !== null && unsent) await dropKey(key.publicKey);
      setFailure(found);
    }
    setStep(null);
  }

  if (hidden) return null;
  return (
    <form class="create" onSubmit={(event) => void submit(event)}>
      <div class="field">
        <label for="title">{t.create.name}</label>
        <input
          id="title"
          type="text"
          value={title}
          autoComplete="off"
          placeholder={t.create.nameHint}
          aria-invalid={tooLong}
          aria-describedby="title-hint"
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
        <span class={`hint ${tooLong ? "bad-text" : ""}`} id="title-hint">
          {tooLong ? t.reverts.TitleTooLong : t.create.nameMore}
        </span>
      </div>
      <fieldset class="modes">
        <legend>{t.create.how}</legend>
        <ModeCard value="webrtc" chosen={mode} choose={setMode} word={t.create.webrtc} more={t.create.webrtcMore} />
        <ModeCard
          value="broadcast"
          chosen={mode}
          choose={setMode}
          word={t.create.broadcast}
          more={t.create.broadcastMore}
        />
      </fieldset>
      <Price offer={offer} known={host.config === null || host.read !== null} />
      <WrongChain host={host} />
      {offer !== null && !open && (
        <p class="note" role="status">
          {offer.paused ? t.reverts.CreationPaused : t.reverts.OperatorNotAccepting}
        </p>
      )}
      <FailureNote failure={failure} />
      <div class="buttons">
        {connected ? (
          <button type="submit" class="button primary" disabled={!open || tooLong || step !== null || host.wrongChain}>
            {step === null
              ? t.create.button(offer === null ? "" : etherAmount(offer.terms.deposit + offer.terms.fee, lang))
              : t.transaction[step.at]}
          </button>
        ) : (
          <ConnectButton />
        )}
      </div>
    </form>
  );
}

interface ModeProps {
  value: Mode;
  chosen: Mode;
  choose: (mode: Mode) => void;
  word: string;
  more: string;
}

function ModeCard({ value, chosen, choose, word, more }: ModeProps): JSX.Element {
  return (
    <label class="mode">
      <input type="radio" name="mode" value={value} checked={chosen === value} onChange={() => choose(value)} />
      <span>
        <strong>{word}</strong>
        <small>{more}</small>
      </span>
    </label>
  );
}

/** The terms a room would be created under now. */
function useOffer(host: Host): Offer | null {
  const [offer, setOffer] = useState<Offer | null>(null);
  const { config, read } = host;
  useEffect(() => {
    if (config === null || read === null) return;
    const stopping = new AbortController();
    const ask = () =>
      readOffer({ request: read, contract: config.contract, signal: stopping.signal }).then(setOffer, () => {
        if (!stopping.signal.aborted) timer = setTimeout(ask, 3_000);
      });
    let timer = setTimeout(ask, 0);
    return () => {
      stopping.abort();
      clearTimeout(timer);
    };
  }, [config?.contract, read]);
  return offer;
}
