/** What the contract owes an account, and the button that withdraws it. */
import type { JSX } from "preact";
import type { Address } from "../../base/hex";
import { withdrawTo } from "../../contract/calls";
import { view } from "../../contract/views";
import { useText } from "../../i18n";
import { etherAmount, useLanguage } from "../../i18n/format";
import type { Host } from "../../wallet/use-host";
import { AwayNote, SendNote } from "./send-note";
import { useReading } from "./use-reading";
import { useSend } from "./use-send";

interface CreditProps {
  host: Host;
  address: string;
  /** Whether taking it is what a person comes for. */
  first?: boolean;
}

export function Credit({ host, address, first }: CreditProps): JSX.Element | null {
  const t = useText();
  const lang = useLanguage();
  const sending = useSend(host, host.config?.contract ?? "", { event: "Withdrawn", room: null });
  const { found, away } = useReading(
    host,
    host.config?.contract ?? null,
    (at) => view(at, "account", [address as Address]),
    `${address} ${sending.state.kind}`,
  );
  const credit = found?.[0] ?? 0n;
  if (away) return <AwayNote />;
  if (credit === 0n && sending.step === null) return null;
  return (
    <div class="credit">
      <button
        type="button"
        class={`button ${first === true ? "primary" : "small"}`}
        disabled={sending.busy || host.wrongChain}
        onClick={() => void sending.run(() => withdrawTo(address as Address))}
      >
        {sending.step === null ? t.studio.withdraw(etherAmount(credit, lang)) : t.transaction[sending.step.at]}
      </button>
      {first === true && <p class="dim">{t.studio.balanceMore}</p>}
      <SendNote sending={sending} />
    </div>
  );
}
