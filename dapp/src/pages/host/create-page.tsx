/** A new room: title, mode, price; then its steps until it is on chain, and on to its studio. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { roomId } from "../../base/room-id";
import { navigate } from "../../base/router";
import { createRoom, MAX_TITLE_BYTES, titleBytes } from "../../contract/calls";
import type { Mode } from "../../contract/enums";
import type { ChainEvent } from "../../contract/events";
import { type Offer, readOffer } from "../../contract/views";
import { useText } from "../../i18n";
import { etherAmount, useLanguage } from "../../i18n/format";
import { FailureNote } from "../../ui/failure-note";
import { type Host, useHost } from "../../wallet/use-host";
import { ConnectButton, WrongChain } from "./connect-wallet";
import { Creation, isOpen, useCreation } from "./creation";
import { Price } from "./price";
import { ApiAway, AwayNote, SendNote, useKeysMissing } from "./send-note";
import { type Sender, withNewKey } from "./use-send";

/** On to the new room's studio. */
function enter(event: ChainEvent): void {
  if (event.name === "RoomCreated") navigate(`/studio/${roomId(event.args.roomId)}`);
}

export function CreatePage(): JSX.Element {
  const t = useText();
  const host = useHost();
  const sending = useCreation(host, enter);
  useEffect(() => {
    document.title = `${t.nav.create} · ${t.common.name}`;
  }, [t]);
  return (
    <main class="narrow" id="main">
      <h1 class="page-title">{t.create.title}</h1>
      <Creation sending={sending} />
      {host.unreachable && <ApiAway />}
      <Form host={host} sending={sending} hidden={isOpen(sending)} />
    </main>
  );
}

function Form({ host, sending, hidden }: { host: Host; sending: Sender; hidden: boolean }) {
  const t = useText();
  const lang = useLanguage();
  const [title, setTitle] = useState("");
  const [mode, setMode] = useState<Mode>("webrtc");
  const [offer, away] = useOffer(host);
  const missing = useKeysMissing();
  const tooLong = titleBytes(title.trim()) > MAX_TITLE_BYTES;
  const connected = host.session.kind === "ready";
  const open = offer !== null && !offer.paused && offer.operatorId !== null;

  async function submit(event: Event) {
    event.preventDefault();
    const { config } = host;
    if (config === null || offer === null || offer.operatorId === null || tooLong) return;
    const { operatorId } = offer;
    const value = offer.terms.deposit + offer.terms.fee;
    const found = await sending.run(() =>
      withNewKey(host, config.contract, (ingestKey) =>
        createRoom({ operatorId, mode, ingestKey, title: title.trim(), value }),
      ),
    );
    if (found !== null) enter(found);
  }

  if (hidden) return null;
  return (
    <form class="create" onSubmit={(event) => void submit(event)}>
      {missing !== null && <FailureNote failure={{ kind: "keys", why: missing }} />}
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
      {away && <AwayNote />}
      {!away && !host.unreachable && <Price offer={offer} known={host.config === null || host.read !== null} />}
      <WrongChain host={host} />
      {offer !== null && !open && (
        <p class="note" role="status">
          {offer.paused ? t.reverts.CreationPaused : t.reverts.OperatorNotAccepting}
        </p>
      )}
      <SendNote sending={sending} />
      <div class="buttons">
        {connected ? (
          <button
            type="submit"
            class="button primary"
            disabled={!open || tooLong || sending.busy || missing !== null || host.wrongChain}
          >
            {sending.step === null
              ? t.create.button(offer === null ? "" : etherAmount(offer.terms.deposit + offer.terms.fee, lang))
              : t.transaction[sending.step.at]}
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

const SILENCE_MS = 6_000;

/** The terms a room would be created under now, and whether the node is away. */
function useOffer(host: Host): [Offer | null, boolean] {
  const [offer, setOffer] = useState<Offer | null>(null);
  const [away, setAway] = useState(false);
  const { config, read } = host;
  useEffect(() => {
    if (config === null || read === null) return;
    const stopping = new AbortController();
    const silent = setTimeout(() => setAway(true), SILENCE_MS);
    const ask = () =>
      readOffer({ request: read, contract: config.contract, signal: stopping.signal }).then(
        (found) => {
          clearTimeout(silent);
          setAway(false);
          setOffer(found);
        },
        () => {
          if (stopping.signal.aborted) return;
          setAway(true);
          timer = setTimeout(ask, 3_000);
        },
      );
    let timer = setTimeout(ask, 0);
    return () => {
      stopping.abort();
      clearTimeout(timer);
      clearTimeout(silent);
    };
  }, [config?.contract, read]);
  return [offer, away];
}
