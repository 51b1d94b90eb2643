/** A new room: title, mode, viewers, price; then its steps until it is on chain, and on to its studio. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { zeroAddress } from "viem";
import type { Config } from "../../api/types";
import type { Address } from "../../base/hex";
import { roomId } from "../../base/room-id";
import { navigate } from "../../base/router";
import { createRoom, MAX_TITLE_BYTES, textBytes } from "../../contract/calls";
import type { Mode } from "../../contract/enums";
import type { ChainEvent } from "../../contract/events";
import { Failed } from "../../contract/failures";
import { obstacleOf, paymentOf } from "../../contract/offer";
import { useText } from "../../i18n";
import { etherAmount, useLanguage } from "../../i18n/format";
import { Choice } from "../../ui/choice";
import { FailureNote, revertText } from "../../ui/failure-note";
import { Later } from "../../ui/later";
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
  const [token, setToken] = useState<Address | null>(null);
  const { found: offer, away, insist } = useOffer(host, sending.state.kind);
  const missing = useKeysMissing();
  const tooLong = textBytes(title.trim()) > MAX_TITLE_BYTES;
  const connected = host.session.kind === "ready";
  const obstacle = offer === null ? null : obstacleOf(offer);
  const open = offer !== null && obstacle === null;
  const servable = offer !== null && offer.privateOperatorId !== null;
  // its operator may have closed since: a private room is never made a public one for that
  const unserved = who !== "everyone" && offer !== null && !servable;
  const gate = gateOf(who, host.config, token);

  async function submit(event: Event) {
    event.preventDefault();
    const { config } = host;
    if (config === null || tooLong || unserved || gate === null) return;
    const found = await sending.run(async () => {
      const now = await insist();
      const { termsId } = now;
      const operatorId = who === "everyone" ? now.operatorId : now.privateOperatorId;
      if (operatorId === null) throw new Failed({ kind: "dearer" });
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
      {(servable || who !== "everyone") && (
        <fieldset class="modes">
          <legend>{t.create.who}</legend>
          <Choice name="who" value="everyone" chosen={who} choose={setWho} word={t.create.everyone}>
            {t.create.everyoneMore}
          </Choice>
          <Choice name="who" value="invited" chosen={who} choose={setWho} word={t.create.invited}>
            {t.create.invitedMore}
          </Choice>
          <Choice name="who" value="holders" chosen={who} choose={setWho} word={t.create.holders}>
            {t.create.holdersMore}
          </Choice>
        </fieldset>
      )}
      {who !== "everyone" && <Later key={who} load={gateFields} props={{ host, mode, who, found: setToken }} part />}
      {unserved && (
        <p class="note" role="status">
          {t.create.unserved}
        </p>
      )}
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
            disabled={
              !open || tooLong || unserved || gate === null || sending.busy || missing !== null || host.wrongChain
            }
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

type Who = "everyone" | "invited" | "holders";

// for private rooms alone
const gateFields = () => import("./gate-fields").then((part) => part.GateFields);

/** The contract that says who may watch, as `createRoom` takes it; null: not known yet. */
function gateOf(who: Who, config: Config | null, token: Address | null): Address | null {
  if (who === "everyone") return zeroAddress;
  return who === "holders" ? token : ((config?.contract ?? null) as Address | null);
}
