/** What the contract owes an account, and the button that withdraws it. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { withdrawTo } from "../../contract/calls";
import { view } from "../../contract/views";
import { useText } from "../../i18n";
import { etherAmount, useLanguage } from "../../i18n/format";
import type { Host } from "../../wallet/use-host";
import { AwayNote, SendNote } from "./send-note";
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
  const [credit, away] = useCredit(host, address, sending.state.kind);
  if (away) return <AwayNote />;
  if ((credit ?? 0n) === 0n && sending.step === null) return null;
  return (
    <div class="credit">
      <button
        type="button"
        class={`button ${first === true ? "primary" : "small"}`}
        disabled={sending.busy || host.wrongChain}
        onClick={() => void sending.run(() => withdrawTo(address as `0x${string}`))}
      >
        {sending.step === null ? t.studio.withdraw(etherAmount(credit ?? 0n, lang)) : t.transaction[sending.step.at]}
      </button>
      <SendNote sending={sending} />
    </div>
  );
}

/** And whether the node is away: then it is not known. */
function useCredit(host: Host, address: string, turn: string): [bigint | null, boolean] {
  const [credit, setCredit] = useState<bigint | null>(null);
  const [away, setAway] = useState(false);
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
      if (stopping.signal.aborted) return;
      setAway(found === null);
      if (found !== null) setCredit(found[0]);
    }
    void ask();
    const timer = setInterval(() => void ask(), 5_000);
    return () => {
      stopping.abort();
      clearInterval(timer);
    };
  }, [config?.contract, read, address, turn]);
  return [credit, away];
}
