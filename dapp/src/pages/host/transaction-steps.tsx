/**
 * The steps of a new room's transaction, from the chain and the index alone, so that every tab sees the same:
 * signed, mined, confirmed, stream ready.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Room } from "../../api/types";
import { sleep } from "../../base/time";
import { headOf } from "../../contract/rpc";
import { useText } from "../../i18n";
import { count, useLanguage } from "../../i18n/format";
import { type StepLine, Steps } from "../../ui/steps";
import type { Host } from "../../wallet/use-host";

export function TransactionSteps({ room, host }: { room: Room | null; host: Host }): JSX.Element {
  const t = useText();
  const lang = useLanguage();
  const head = useHead(host, room === null || room.status === "pending");
  const wanted = host.config?.confirmations ?? 0;
  const deep = room === null || head === null ? 0 : Math.max(0, head - room.created.block);
  const confirmed = room !== null && (deep >= wanted || room.status === "active");
  const ready = room?.status === "active";
  const long = useLong(room);
  const lines: StepLine[] = [
    { word: t.transaction.signed, state: "done" },
    {
      word: t.transaction.mined,
      state: "done",
      more: room === null ? undefined : t.transaction.block(count(room.created.block, lang)),
    },
    {
      word: t.transaction.confirmed,
      state: confirmed ? "done" : "now",
      more: confirmed ? undefined : t.transaction.depth(count(Math.min(deep, wanted), lang), count(wanted, lang)),
    },
    {
      word: t.transaction.ready,
      state: ready ? "done" : confirmed ? "now" : "next",
      more: confirmed && !ready ? t.transaction.readyWait : undefined,
    },
  ];
  return (
    <section class="panel" aria-live="polite">
      <Steps label={t.transaction.title} lines={lines} />
      {long && <p class="note">{room === null ? t.transaction.unknown : t.transaction.slow}</p>}
    </section>
  );
}

const UNKNOWN_MS = 30_000;
const SLOW_MS = 300_000;

/** Whether the room is not known, or not set up, for longer than usual. */
function useLong(room: Room | null): boolean {
  const [long, setLong] = useState(false);
  const since = room?.created_at ?? null;
  useEffect(() => {
    setLong(false);
    const due = since === null ? UNKNOWN_MS : 1_000 * since + SLOW_MS - Date.now();
    const timer = setTimeout(() => setLong(true), Math.max(0, due));
    return () => clearTimeout(timer);
  }, [since]);
  return long;
}

/** The chain's head, while it matters. */
function useHead(host: Host, wanted: boolean): number | null {
  const [head, setHead] = useState<number | null>(null);
  const { read } = host;
  useEffect(() => {
    if (!wanted || read === null) return;
    const stopping = new AbortController();
    void (async () => {
      for (;;) {
        const found = await headOf(read, stopping.signal).catch(() => null);
        if (found !== null) setHead(found);
        await sleep(1_000, stopping.signal);
      }
    })().catch(() => {
      // no longer needed
    });
    return () => stopping.abort();
  }, [read, wanted]);
  return head;
}
