/** What the contract owes an account, and the button that withdraws it. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { withdrawTo } from "../../contract/calls";
import { view } from "../../contract/views";
import { useText } from "../../i18n";
import { etherAmount, useLanguage } from "../../i18n/format";
import { FailureNote } from "../../ui/failure-note";
import type { Host } from "../../wallet/use-host";
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
  const sending = useSend(host);
  const credit = useCredit(host, address, sending.state.kind);
  if (credit === null || credit === 0n) return null;
  const contract = host.config?.contract ?? "";
  return (
    <div class="credit">
      <button
        type="button"
        class={`button ${first === true ? "primary" : "small"}`}
        disabled={sending.busy || host.wrongChain}
        onClick={() => void sending.run(contract, () => withdrawTo(address as `0x${string}`))}
      >
        {sending.state.kind === "going"
          ? t.transaction[sending.state.step.at]
          : t.studio.withdraw(etherAmount(credit, lang))}
      </button>
      <FailureNote failure={sending.failure} />
    </div>
  );
}

function useCredit(host: Host, address: string, turn: string): bigint | null {
  const [credit, setCredit] = useState<bigint | null>(null);
  const { config, read } = host;
  useEffect(() => {
    if (config === null || read === null) return;
    const stopping = new AbortController();
    async function ask() {
      const at = {
        request: read as NonNullable<typeof read>,
        contract: config?.contract ?? "",
        signal: stopping.signal,
      };
      const found = await view(at, "account", [address as `0x${string}`]).catch(() => null);
      if (found !== null && !stopping.signal.aborted) setCredit(found[0]);
    }
    void ask();
    const timer = setInterval(() => void ask(), 5_000);
    return () => {
      stopping.abort();
      clearInterval(timer);
    };
  }, [config?.contract, read, address, turn]);
  return credit;
}
