/** The contract as anybody can check it: what it says, who operates, under what terms, its history. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { configState, isConfig } from "../../api/config";
import type { Config } from "../../api/types";
import { chosenNode, nodeOf } from "../../audit/chosen-node";
import { type ContractState, readContractState } from "../../audit/contract-state";
import { useStore } from "../../base/store";
import { overHttp } from "../../contract/rpc";
import { useAuditText } from "../../i18n/audit";
import { ContractFacts, Operators, TermsTable } from "./contract";
import { FindRoom } from "./find-room";
import { HistoryCheck } from "./history-check";
import { NodeField } from "./node-field";

export function ContractAuditPage(): JSX.Element {
  const t = useAuditText();
  const settings = useStore(configState);
  useEffect(() => {
    document.title = `${t.nav.audit} · ${t.common.name}`;
  }, [t]);
  return (
    <main class="narrow audit" id="main">
      <h1 class="page-title">{t.audit.title}</h1>
      <p class="lead">{t.audit.lead}</p>
      {isConfig(settings) ? (
        <Inside config={settings} />
      ) : (
        <div class="ghost line" role="status" aria-busy="true" aria-label={t.common.loading} />
      )}
    </main>
  );
}

function Inside({ config }: { config: Config }): JSX.Element {
  const t = useAuditText();
  const chosen = useStore(chosenNode);
  const [contract, setContract] = useState(config.contract);
  const address = nodeOf(config, chosen);
  const [found, readAt] = useContract(config, contract, address);
  const startBlock = config.contracts.find((one) => one.address === contract)?.start_block ?? 0;
  return (
    <>
      <FindRoom />
      <section class="block">
        <NodeField config={config} />
        {config.contracts.length > 1 && (
          <label class="field">
            <span class="label">{t.audit.contract}</span>
            <select value={contract} onChange={(event) => setContract(event.currentTarget.value)}>
              {config.contracts.map((one) => (
                <option key={one.address} value={one.address}>
                  {one.address}
                </option>
              ))}
            </select>
          </label>
        )}
        {found === "failed" && (
          <p class="note bad" role="alert">
            {t.audit.nodeFailed}
          </p>
        )}
      </section>
      <HistoryCheck
        key={`${contract} ${address}`}
        config={config}
        contract={contract}
        startBlock={startBlock}
        node={address}
        onDone={readAt}
      />
      {found !== null && found !== "failed" && (
        <>
          <ContractFacts config={config} contract={contract} found={found} />
          <Operators found={found} />
          <TermsTable found={found} />
        </>
      )}
    </>
  );
}

type Found = ContractState | "failed" | null;

/**
 * What the contract says, read once; and how to read it at another block: at that of a history which
 * was verified, so that both tell the same.
 */
function useContract(config: Config, contract: string, address: string): [Found, (block: number) => void] {
  const [found, setFound] = useState<Found>(null);
  const [block, setBlock] = useState<number | null>(null);
  useEffect(() => {
    setFound(null);
    setBlock(null);
  }, [config.chain_id, contract, address]);
  useEffect(() => {
    if (address === "") return;
    const stopping = new AbortController();
    const timer = setTimeout(() => {
      readContractState(overHttp(address), config.chain_id, contract, stopping.signal, block).then(setFound, () => {
        if (!stopping.signal.aborted) setFound((before) => before ?? "failed");
      });
    }, 300);
    return () => {
      clearTimeout(timer);
      stopping.abort();
    };
  }, [config.chain_id, contract, address, block]);
  return [found, setBlock];
}
