/** A new room: title, mode, viewers, price; then its steps until it is on chain, and on to its studio. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { zeroAddress } from "viem";
import type { Address } from "../../base/hex";
import { roomId } from "../../base/room-id";
import { navigate } from "../../base/router";
import { createRoom, MAX_TITLE_BYTES, textBytes } from "../../contract/calls";
import type { Mode } from "../../contract/enums";
import type { ChainEvent } from "../../contract/events";
import { obstacleOf, paymentOf } from "../../contract/offer";
import { useText } from "../../i18n";
import { etherAmount, useLanguage } from "../../i18n/format";
import { FailureNote, revertText } from "../../ui/failure-note";
import { type Host, useHost } from "../../wallet/use-host";
import { ConnectButton, WrongChain } from "./connect-wallet";
import { Creation, isOpen, useCreation } from "./creation";
import { Price } from "./price";
import { ApiAway, AwayNote, SendNote, useKeysMissing } from "./send-note";
import { useOffer } from "./use-offer";
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
  const [who, setWho] = useState<Who>("everyone");
  const { found: offer, away, insist } = useOffer(host, sending.state.kind);
  const missing = useKeysMissing();
  const tooLong = textBytes(title.trim()) > MAX_TITLE_BYTES;
  const connected = host.session.kind === "ready";
  const obstacle = offer === null ? null : obstacleOf(offer);
  const open = offer !== null && obstacle === null;

  async function submit(event: Event) {
    event.preventDefault();
    const { config } = host;
    if (config === null || tooLong) return;
    const gate = who === "invited" ? (config.contract as Address) : zeroAddress;
    const found = await sending.run(async () => {
      const now = await insist();
      const { termsId, operatorId } = now;
      const value = paymentOf(now).fromWallet;
      return withNewKey(host, config.contract, (ingestKey) =>
        createRoom({ termsId, operatorId, mode, gate, ingestKey, title: title.trim(), value }),
      );
    });
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
        <Choice name="mode" value="webrtc" chosen={mode} choose={setMode} word={t.create.webrtc}>
          {t.create.webrtcMore}
        </Choice>
        <Choice name="mode" value="broadcast" chosen={mode} choose={setMode} word={t.create.broadcast}>
          {t.create.broadcastMore}
        </Choice>
      </fieldset>
      <fieldset class="modes" aria-describedby="who-hint">
        <legend>{t.create.who}</legend>
        <Choice name="who" value="everyone" chosen={who} choose={setWho} word={t.create.everyone}>
          {t.create.everyoneMore}
        </Choice>
        <Choice name="who" value="invited" chosen={who} choose={setWho} word={t.create.invited}>
          {t.create.invitedMore}
        </Choice>
        <p class="hint" id="who-hint">
          {t.create.whoMore}
        </p>
      </fieldset>
      {away && <AwayNote />}
      {!away && !host.unreachable && <Price offer={offer} known={host.config === null || host.read !== null} />}
      <WrongChain host={host} />
      {obstacle !== null && (
        <p class="note wrap" role="status">
          {revertText(t, obstacle.name, obstacle.args, lang)}
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
              ? t.create.button(offer === null ? "" : etherAmount(paymentOf(offer).price, lang))
              : t.transaction[sending.step.at]}
          </button>
        ) : (
          <ConnectButton />
        )}
      </div>
    </form>
  );
}

type Who = "everyone" | "invited";

interface ChoiceProps<T extends string> {
  name: string;
  value: T;
  chosen: T;
  choose: (value: T) => void;
  word: string;
  children: string;
}

function Choice<T extends string>({ name, value, chosen, choose, word, children }: ChoiceProps<T>): JSX.Element {
  return (
    <label class="mode">
      <input type="radio" name={name} value={value} checked={chosen === value} onChange={() => choose(value)} />
      <span>
        <strong>{word}</strong>
        <small>{children}</small>
      </span>
    </label>
  );
}
