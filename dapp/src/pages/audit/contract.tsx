/** The contract's own words: facts, operators, terms. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { askUntil, getJson } from "../../api/client";
import type { Config, IndexPosition, IndexStatus } from "../../api/types";
import type { ContractState } from "../../audit/contract-state";
import { isZero, sameHex } from "../../base/hex";
import { Backoff } from "../../base/time";
import { useAuditText } from "../../i18n/audit";
import { count, duration, etherAmount, useLanguage } from "../../i18n/format";
import { ShortAddress } from "../../ui/address";
import { Hash } from "../../ui/hash";
import { Pill } from "../../ui/pill";
import { Fact } from "./facts";

interface Props {
  config: Config;
  contract: string;
  found: ContractState;
}

export function ContractFacts({ config, contract, found }: Props): JSX.Element {
  const t = useAuditText();
  const lang = useLanguage();
  return (
    <section class="block">
      <h2>{t.audit.contract}</h2>
      <dl class="settings">
        <Fact name={t.audit.address}>
          <Hash of={contract} label={t.audit.address} />
        </Fact>
        <Fact name={t.audit.chain}>{config.chain_id}</Fact>
        <Fact name={t.audit.owner}>
          <ShortAddress of={found.owner} />
        </Fact>
        <Fact name={t.audit.creation}>
          {found.retired ? t.audit.retired : found.paused ? t.audit.paused : t.audit.goesOn}
        </Fact>
        {found.successor !== null && (
          <Fact name={t.audit.successor}>
            <Hash of={found.successor} label={t.audit.successor} />
            <small class="dim">{t.audit.ownersWord}</small>
          </Fact>
        )}
        <Fact name={t.nav.rooms}>{count(Number(found.rooms), lang)}</Fact>
        <Fact name={t.audit.readAt}>{t.transaction.block(count(found.block, lang))}</Fact>
        <Fact name={t.audit.eventCount}>{count(Number(found.events), lang)}</Fact>
        <Fact name={t.audit.historyHash}>
          <Hash of={found.history} label={t.audit.historyHash} />
        </Fact>
        <Fact name={t.audit.index}>
          <IndexWord contract={contract} found={found} />
        </Fact>
      </dl>
    </section>
  );
}

/** Whether the API's index stands where the contract stands. */
function IndexWord({ contract, found }: { contract: string; found: ContractState }): JSX.Element {
  const t = useAuditText();
  const lang = useLanguage();
  const [index, setIndex] = useState<IndexPosition | null>(null);
  useEffect(() => {
    const stopping = new AbortController();
    const { signal } = stopping;
    const atTheContract = async () => {
      const { contracts } = await getJson<IndexStatus>("/api/livestream/status", signal, "no-store");
      const now = contracts.find((one) => sameHex(one.contract, contract)) ?? null;
      setIndex(now);
      return now !== null && now.seq >= Number(found.events) ? now : null;
    };
    askUntil(atTheContract, new Backoff(5_000, 15_000), signal).catch(() => {
      // no longer needed
    });
    return () => stopping.abort();
  }, [contract, found]);
  if (index === null) return <span class="dim">{t.audit.indexUnknown}</span>;
  const behind = Number(found.events) - index.seq;
  if (behind > 0) return <Pill tone="wait">{t.audit.indexBehind(count(behind, lang))}</Pill>;
  const same = behind < 0 || sameHex(index.history, found.history);
  return same ? <Pill tone="good">{t.audit.indexSame}</Pill> : <Pill tone="bad">{t.audit.indexDiffers}</Pill>;
}

export function Operators({ found }: { found: ContractState }): JSX.Element {
  const t = useAuditText();
  return (
    <section class="block">
      <h2>{t.audit.operators}</h2>
      <ul class="cards">
        {found.operators.map(({ id, operator }) => {
          const revoked = isZero(operator.account);
          const open = operator.accepting && operator.enabled && !revoked;
          return (
            <li key={id}>
              <p class="facts">
                <strong>{t.audit.numbered(id)}</strong>
                <Pill tone={open ? "good" : "off"}>
                  {revoked ? t.audit.revoked : open ? t.audit.accepts : t.audit.closed}
                </Pill>
              </p>
              <dl class="settings">
                {!revoked && (
                  <Fact name={t.studio.account}>
                    <ShortAddress of={operator.account} />
                  </Fact>
                )}
                <Fact name={t.audit.payee}>
                  <ShortAddress of={operator.payee} />
                </Fact>
              </dl>
              <code class="wrap">{operator.playbackBase}</code>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

export function TermsTable({ found }: { found: ContractState }): JSX.Element {
  const t = useAuditText();
  const lang = useLanguage();
  return (
    <section class="block">
      <h2>{t.audit.termsTitle}</h2>
      <ul class="cards">
        {found.terms.map(({ id, terms }) => (
          <li key={id}>
            <p class="facts">
              <strong>{t.audit.numbered(id)}</strong>
              {id === found.currentTerms && <Pill tone="good">{t.audit.current}</Pill>}
            </p>
            <dl class="settings">
              <Fact name={t.create.deposit}>{t.create.eth(etherAmount(terms.deposit, lang))}</Fact>
              <Fact name={t.create.fee}>{t.create.eth(etherAmount(terms.fee, lang))}</Fact>
              <Fact name={t.audit.maxRoom}>{duration(terms.maxRoomSeconds, lang)}</Fact>
              <Fact name={t.audit.deadline}>{duration(terms.fulfillDeadlineSeconds, lang)}</Fact>
              <Fact name={t.audit.maxOpen}>{count(terms.maxOpenRooms, lang)}</Fact>
              <Fact name={t.audit.maxEvents}>{count(terms.maxRoomEvents, lang)}</Fact>
              <Fact name={t.audit.cooldown}>{duration(terms.rekeyCooldown, lang)}</Fact>
            </dl>
          </li>
        ))}
      </ul>
    </section>
  );
}
