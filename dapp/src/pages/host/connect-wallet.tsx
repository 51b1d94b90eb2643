/** Choosing a wallet, and switching from a wrong network. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Config } from "../../api/types";
import { useStore } from "../../base/store";
import type { Failure } from "../../contract/failures";
import { useText } from "../../i18n";
import { Dialog } from "../../ui/dialog";
import { FailureNote } from "../../ui/failure-note";
import { Icon } from "../../ui/icons";
import { type Wallet, wallets } from "../../wallet/discovery";
import { cancel, connect, session, WALLET_PATIENCE_MS } from "../../wallet/session";
import { switchChain } from "../../wallet/switch-chain";
import type { Host } from "../../wallet/use-host";

export function ConnectButton({ primary = true }: { primary?: boolean }): JSX.Element {
  const t = useText();
  const now = useStore(session);
  const [open, setOpen] = useState(false);
  return (
    <>
      {now.kind === "locked" && (
        <p class="note" role="status">
          {t.wallet.locked}
        </p>
      )}
      <button type="button" class={`button ${primary ? "primary" : ""}`} onClick={() => setOpen(true)}>
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

/** Any wallet may be chosen at any moment, also while another one is silent. */
function Choice({ onDone }: { onDone: () => void }): JSX.Element {
  const t = useText();
  const found = useStore(wallets);
  const now = useStore(session);
  const [failure, setFailure] = useState<Failure | null>(null);
  const asked = now.kind === "connecting" ? now.wallet.id : null;
  useEffect(() => {
    if (now.kind === "ready") onDone();
  }, [now.kind]);
  function take(wallet: Wallet) {
    setFailure(null);
    void connect(wallet).then(setFailure);
  }
  return (
    <>
      {found.length === 0 && <p>{t.wallet.none}</p>}
      <ul class="rows">
        {found.map((wallet) => (
          <li key={wallet.id}>
            <button type="button" class="row-button" aria-busy={wallet.id === asked} onClick={() => take(wallet)}>
              {wallet.icon === null ? <Icon name="wallet" /> : <img src={wallet.icon} alt="" width={26} height={26} />}
              <span>
                <strong>{walletName(wallet, t.wallet.demo, t.wallet.browser)}</strong>
                {wallet.demo && <small class="dim">{t.wallet.demoMore}</small>}
                {wallet.id === asked && <small class="dim">{t.wallet.connecting}</small>}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {now.kind === "connecting" && now.waiting && <Waiting onCancel={cancel} />}
      <FailureNote failure={failure} />
    </>
  );
}

/** The wallet was asked a while ago. */
function Waiting({ onCancel }: { onCancel: () => void }): JSX.Element {
  const t = useText();
  return (
    <div class="note row" role="status">
      <span>{t.failure.waiting}</span>
      <button type="button" class="button small" onClick={onCancel}>
        {t.common.cancel}
      </button>
    </div>
  );
}

export const walletName = (wallet: Wallet, demo: string, browser: string): string =>
  wallet.demo ? demo : wallet.name || browser;

/** Shown while the wallet is on another network. */
export function WrongChain({ host }: { host: Host }): JSX.Element | null {
  return host.wrongChain && host.config !== null ? <Switch config={host.config} /> : null;
}

function Switch({ config }: { config: Config }): JSX.Element {
  const t = useText();
  const [failure, setFailure] = useState<Failure | null>(null);
  const [asked, setAsked] = useState<AbortController | null>(null);
  const [waiting, setWaiting] = useState(false);
  useEffect(() => {
    setWaiting(false);
    if (asked === null) return;
    const timer = setTimeout(() => setWaiting(true), WALLET_PATIENCE_MS);
    return () => {
      clearTimeout(timer);
      asked.abort();
    };
  }, [asked]);
  async function go() {
    const mine = new AbortController();
    setFailure(null);
    setAsked(mine);
    const found = await switchChain(config, mine.signal);
    if (mine.signal.aborted) return;
    setFailure(found);
    setAsked(null);
  }
  return (
    <div class="note row" role="alert">
      <span>{t.wallet.wrongChain}</span>
      <button type="button" class="button small" disabled={asked !== null} onClick={() => void go()}>
        {t.wallet.switch}
      </button>
      {waiting && <Waiting onCancel={() => setAsked(null)} />}
      <FailureNote failure={failure} />
    </div>
  );
}
