/** The button that verifies the full history; it can be cancelled at any moment. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Config } from "../../api/types";
import { type FoldResult, foldHistory } from "../../audit/history-fold";
import { overHttp } from "../../contract/rpc";
import { useAuditText } from "../../i18n/audit";
import { count, useLanguage } from "../../i18n/format";
import { Hash } from "../../ui/hash";
import { Icon } from "../../ui/icons";
import { Fact } from "./facts";

interface Props {
  config: Config;
  contract: string;
  startBlock: number;
  node: string;
  /** The block at which it was verified, or differs. */
  onDone: (block: number) => void;
}

type State =
  | { kind: "idle" }
  | { kind: "folding"; events: number; of: number; block: number }
  | { kind: "done"; result: FoldResult }
  | { kind: "failed" };

export function HistoryCheck({ config, contract, startBlock, node, onDone }: Props): JSX.Element {
  const t = useAuditText();
  const lang = useLanguage();
  const [state, setState] = useState<State>({ kind: "idle" });
  const stopping = useRef(new AbortController());
  useEffect(() => () => stopping.current.abort(), []);

  async function fold() {
    stopping.current = new AbortController();
    const { signal } = stopping.current;
    setState({ kind: "folding", events: 0, of: 0, block: startBlock });
    try {
      const result = await foldHistory({
        request: overHttp(node),
        chainId: config.chain_id,
        contract,
        startBlock,
        signal,
        tell: (done) => setState({ kind: "folding", ...done }),
      });
      setState({ kind: "done", result });
      onDone(result.block);
    } catch {
      setState(signal.aborted ? { kind: "idle" } : { kind: "failed" });
    }
  }

  return (
    <section class="panel block" aria-labelledby="full-history">
      <h2 id="full-history">{t.audit.fullHistory}</h2>
      <p class="dim">{t.audit.fullHistoryMore}</p>
      {state.kind === "folding" && (
        <div class="folding" role="status">
          <progress max={Math.max(1, state.of)} value={state.events} aria-label={t.audit.fullHistory} />
          <span>
            {t.audit.verifyingHistory(count(state.events, lang), count(state.of, lang), count(state.block, lang))}
          </span>
        </div>
      )}
      {state.kind === "failed" && (
        <p class="note bad" role="alert">
          {t.audit.nodeFailed}
        </p>
      )}
      {state.kind === "done" && <Result result={state.result} />}
      <div class="buttons">
        {state.kind === "folding" ? (
          <button type="button" class="button" onClick={() => stopping.current.abort()}>
            {t.common.cancel}
          </button>
        ) : (
          <button type="button" class="button primary" disabled={node === ""} onClick={() => void fold()}>
            <Icon name="shield" /> {t.audit.verifyHistory}
          </button>
        )}
      </div>
    </section>
  );
}

function Result({ result }: { result: FoldResult }): JSX.Element {
  const t = useAuditText();
  const lang = useLanguage();
  return (
    <div role="status" class="checks">
      <p class={`verdict ${result.ok ? "good" : "bad"}`}>
        <Icon name={result.ok ? "check" : "warn"} />{" "}
        {result.ok
          ? t.audit.historyMatches(count(result.events, lang), count(result.block, lang))
          : t.audit.historyDiffers}
      </p>
      <dl class="settings">
        <Fact name={t.audit.computedHash}>
          <Hash of={result.hash} label={t.audit.computedHash} />
        </Fact>
        <Fact name={t.audit.contractHash}>
          <Hash of={result.expectedHash} label={t.audit.contractHash} />
        </Fact>
        {!result.ok && (
          <Fact name={t.audit.eventCount}>
            {`${count(result.events, lang)} / ${count(result.expected, lang)}`}
            {result.gapAt !== null && ` (${t.audit.gap(count(result.gapAt, lang))})`}
          </Fact>
        )}
      </dl>
    </div>
  );
}
