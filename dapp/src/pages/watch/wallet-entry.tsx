/** Entering a private room by a wallet: choosing one, and signing one text. The wallet may be on any network. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../../api/client";
import { useStore } from "../../base/store";
import { type Failure, failureOf } from "../../contract/failures";
import { useText } from "../../i18n";
import { usePrivateText } from "../../i18n/private";
import type { PlaybackService, Proof } from "../../playback/client";
import { meaningOf } from "../../playback/refusals";
import { signIn } from "../../playback/wallet-sign-in";
import { shortAddress } from "../../ui/address";
import { FailureNote } from "../../ui/failure-note";
import { Icon } from "../../ui/icons";
import { disconnect, session } from "../../wallet/session";
import { useHost } from "../../wallet/use-host";
import { ConnectButton } from "../host/connect-wallet";

interface Props {
  room: string;
  service: PlaybackService;
  onProof: (proof: Proof) => void;
}

export function WalletEntry({ room, service, onProof }: Props): JSX.Element {
  const t = usePrivateText().playback;
  const common = useText().common;
  useHost();
  const wallet = useStore(session);
  const [asked, setAsked] = useState<AbortController | null>(null);
  const [turn, setTurn] = useState<"service" | "wallet">("service");
  const [failure, setFailure] = useState<Failure | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const address = wallet.kind === "ready" ? wallet.address : null;
  // another account: what was asked of the former one is of no use
  useEffect(() => {
    setAsked(null);
    setFailure(null);
    setRefusal(null);
  }, [address]);
  useEffect(() => () => asked?.abort(), [asked]);

  function words(error: unknown): string {
    const meaning = meaningOf(error);
    const { title, more } = typeof meaning === "string" ? t.away[meaning] : t.refused[meaning.name];
    return `${title}. ${more}`;
  }

  async function sign() {
    if (wallet.kind !== "ready") return;
    const mine = new AbortController();
    setFailure(null);
    setRefusal(null);
    setTurn("service");
    setAsked(mine);
    try {
      onProof(await signIn(service, room, wallet, () => setTurn("wallet"), mine.signal));
    } catch (error) {
      if (mine.signal.aborted) return;
      setAsked(null);
      if (error instanceof ApiError) setRefusal(words(error));
      else setFailure(failureOf(error));
    }
  }

  if (asked !== null) {
    return (
      <div class="wallet-entry">
        <strong class="small">{turn === "wallet" ? t.signing : t.signingAsked}</strong>
        {turn === "wallet" && <p class="small">{t.signingMore}</p>}
        <button type="button" class="button" onClick={() => setAsked(null)}>
          {common.cancel}
        </button>
      </div>
    );
  }
  return (
    <div class="wallet-entry">
      {wallet.kind === "ready" ? (
        <>
          <button type="button" class="button" onClick={() => void sign()}>
            <Icon name="wallet" /> {t.signInAs(shortAddress(wallet.address))}
          </button>
          <p class="small">{t.signInMore}</p>
          <button type="button" class="button quiet" onClick={disconnect}>
            {t.otherWallet}
          </button>
        </>
      ) : (
        <ConnectButton primary={false} />
      )}
      <FailureNote failure={failure} />
      {refusal !== null && (
        <p class="note bad" role="alert">
          {refusal}
        </p>
      )}
    </div>
  );
}
