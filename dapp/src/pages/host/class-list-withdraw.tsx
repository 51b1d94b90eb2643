/** Withdrawing a whole list, or all that was made before it: by the wallet, kept here and told until it is known. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { zeros } from "../../base/hex";
import { Failed, type Failure, failureOf } from "../../contract/failures";
import { useClassText } from "../../i18n/class";
import { useLanguage } from "../../i18n/format";
import { addWithdrawal, type ClassList, type Owner } from "../../playback/class-list";
import { revocationToSign } from "../../playback/delegation";
import { serviceTime } from "../../playback/host-desk";
import { KeysUnavailable } from "../../sealing/browser-store";
import { FailureNote } from "../../ui/failure-note";
import type { Host } from "../../wallet/use-host";
import { useSignature } from "../../wallet/use-signature";
import { ConnectButton } from "./connect-wallet";
import { SignatureNote } from "./signature-note";
import type { Desk } from "./use-desk";

interface Props {
  list: ClassList;
  host: Host;
  owner: Owner;
  service: string;
  desk: Desk;
  changed: () => void;
}

export function Withdraw({ list, host, owner, service, desk, changed }: Props): JSX.Element {
  const t = useClassText();
  const language = useLanguage();
  const signing = useSignature(host);
  const [failure, setFailure] = useState<Failure | null>(null);
  const leaving = useRef(new AbortController());
  useEffect(() => () => leaving.current.abort(), []);
  const earlier = list.withdrawals.find(({ delegation }) => delegation === null);
  const asked = signing.state.kind === "asked";

  /** `delegation` null: all that was issued before this list. */
  async function sign(delegation: string | null): Promise<void> {
    const { config } = host;
    if (config === null) return;
    const now = await serviceTime(service, leaving.current.signal);
    const issued = now ?? Math.floor(Date.now() / 1_000);
    const before = delegation === null ? list.from : 0;
    const place = { chainId: config.chain_id, contract: owner.contract, origin: location.origin };
    const what = { scope: list.scope, language, delegation: delegation ?? zeros(32), before, issued };
    const signature = await signing.ask(revocationToSign(place, what));
    if (signature === null) return;
    await addWithdrawal(list.id, { language, delegation, before, issued, signature, told: false });
    changed();
    desk.hurry();
  }

  const withdraw = (delegation: string | null) => {
    setFailure(null);
    sign(delegation).catch((error) => {
      if (leaving.current.signal.aborted) return;
      setFailure(failureOf(error instanceof KeysUnavailable ? new Failed({ kind: "keys", why: error.why }) : error));
    });
  };
  const off = asked || host.wrongChain;
  return (
    <details>
      <summary>{t.classList.more}</summary>
      <div class="stack">
        <FailureNote failure={failure} />
        <SignatureNote signing={signing} />
        {host.session.kind !== "ready" && <ConnectButton />}
        {host.session.kind === "ready" && (
          <>
            {earlier === undefined ? (
              <div class="stack tight">
                <p class="dim small">{t.classList.earlierMore}</p>
                <div class="buttons">
                  <button type="button" class="button danger" disabled={off} onClick={() => withdraw(null)}>
                    {asked ? t.classList.signing : t.classList.earlier}
                  </button>
                </div>
              </div>
            ) : (
              <p class="note">{earlier.told ? t.classList.earlierDone : t.classList.withdrawalWait}</p>
            )}
            <div class="stack tight">
              <p class="dim small">{t.classList.allMore}</p>
              <div class="buttons">
                <button type="button" class="button danger" disabled={off} onClick={() => withdraw(list.hash)}>
                  {asked ? t.classList.signing : t.classList.all}
                </button>
              </div>
            </div>
          </>
        )}
      </div>
    </details>
  );
}
