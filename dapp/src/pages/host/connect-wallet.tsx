/** Choosing a wallet, and switching from a wrong network. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useStore } from "../../base/store";
import type { Failure } from "../../contract/failures";
import { useText } from "../../i18n";
import { Dialog } from "../../ui/dialog";
import { FailureNote } from "../../ui/failure-note";
import { Icon } from "../../ui/icons";
import { type Wallet, wallets } from "../../wallet/discovery";
import { connect, session, switchChain } from "../../wallet/session";
import type { Host } from "../../wallet/use-host";

export function ConnectButton({ primary = true }: { primary?: boolean }): JSX.Element {
  const t = useText();
  const now = useStore(session);
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        class={`button ${primary ? "primary" : ""}`}
        disabled={now.kind === "connecting"}
        onClick={() => setOpen(true)}
      >
        <Icon name="wallet" /> {now.kind === "connecting" ? t.wallet.connecting : t.wallet.connect}
      </button>
      {open && (
        <Dialog title={t.wallet.choose} onClose={() => setOpen(false)}>
          <Choice onDone={() => setOpen(false)} />
        </Dialog>
      )}
    </>
  );
}

function Choice({ onDone }: { onDone: () => void }): JSX.Element {
  const t = useText();
  const found = useStore(wallets);
  const [failure, setFailure] = useState<Failure | null>(null);
  async function take(wallet: Wallet) {
    const trouble = await connect(wallet);
    setFailure(trouble);
    if (trouble === null) onDone();
  }
  return (
    <>
      {found.length === 0 && <p>{t.wallet.none}</p>}
      <ul class="rows">
        {found.map((wallet) => (
          <li key={wallet.id}>
            <button type="button" class="row-button" onClick={() => void take(wallet)}>
              {wallet.icon === null ? <Icon name="wallet" /> : <img src={wallet.icon} alt="" width={26} height={26} />}
              <span>
                <strong>{walletName(wallet, t.wallet.demo, t.wallet.browser)}</strong>
                {wallet.demo && <small class="dim">{t.wallet.demoMore}</small>}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <FailureNote failure={failure} />
    </>
  );
}

export const walletName = (wallet: Wallet, demo: string, browser: string): string =>
  wallet.demo ? demo : wallet.name || browser;

/** Shown while the wallet is on another network. */
export function WrongChain({ host }: { host: Host }): JSX.Element | null {
  const t = useText();
  const [failure, setFailure] = useState<Failure | null>(null);
  const { config } = host;
  if (!host.wrongChain || config === null) return null;
  return (
    <div class="note row" role="alert">
      <span>{t.wallet.wrongChain}</span>
      <button type="button" class="button small" onClick={() => void switchChain(config).then(setFailure)}>
        {t.wallet.switch}
      </button>
      <FailureNote failure={failure} />
    </div>
  );
}
