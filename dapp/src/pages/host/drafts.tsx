/**
 * Rooms whose creation is under way in this browser: sent, not yet known. They are found again after
 * a reload or in a second tab, by the key that was kept for them.
 */
import type { JSX } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { getRooms } from "../../api/client";
import { sameHex } from "../../base/hex";
import { roomId } from "../../base/room-id";
import { navigate } from "../../base/router";
import { sleep } from "../../base/time";
import { type Log, topicOf } from "../../contract/events";
import type { Failure } from "../../contract/failures";
import type { RpcRequest } from "../../contract/rpc";
import { useText } from "../../i18n";
import { allKeys, type Draft, type KeptKey, saveKey } from "../../sealing/keys";
import { FailureNote } from "../../ui/failure-note";
import { RoomTitle } from "../../ui/room-title";
import { Steps } from "../../ui/steps";
import type { Host } from "../../wallet/use-host";

interface SentDraft extends KeptKey {
  draft: Draft & { tx: `0x${string}` };
}

export interface DraftList {
  list: SentDraft[];
  renew: () => void;
}

export function useDrafts(host: Host): DraftList {
  const [list, setList] = useState<SentDraft[]>([]);
  const [turn, setTurn] = useState(0);
  const { config, session } = host;
  const address = session.kind === "ready" ? session.address : null;
  useEffect(() => {
    if (config === null || address === null) return setList([]);
    let here = true;
    allKeys(config.chain_id, config.contract).then(
      (keys) => here && setList(keys.filter(isSentDraft).filter((key) => sameHex(key.draft.host, address))),
      () => here && setList([]),
    );
    return () => {
      here = false;
    };
  }, [config?.contract, address, turn]);
  const renew = useCallback(() => setTurn((before) => before + 1), []);
  return { list, renew };
}

const isSentDraft = (key: KeptKey): key is SentDraft => key.draft !== null && key.draft.tx !== null;

export function Drafts({ drafts, host, forward }: { drafts: DraftList; host: Host; forward: boolean }) {
  return (
    <>
      {drafts.list.map((key) => (
        <DraftRow key={key.publicKey} kept={key} host={host} onDone={drafts.renew} forward={forward} />
      ))}
    </>
  );
}

interface RowProps {
  kept: SentDraft;
  host: Host;
  onDone: () => void;
  /** Whether to go to the room's studio as soon as there is one. */
  forward: boolean;
}

const LONG_MS = 90_000;

function DraftRow({ kept, host, onDone, forward }: RowProps): JSX.Element {
  const t = useText();
  const [failure, setFailure] = useState<Failure | null>(null);
  const [long, setLong] = useState(false);
  const { read } = host;

  async function forget() {
    await saveKey({ ...kept, draft: null });
    onDone();
  }

  useEffect(() => {
    if (read === null) return;
    const stopping = new AbortController();
    const timer = setTimeout(() => setLong(true), LONG_MS);
    roomOf(read, kept, stopping.signal).then(
      async (room) => {
        if (room === null) return setFailure({ kind: "revert", name: "Reverted", args: [] });
        await forget();
        if (forward) navigate(`/studio/${room}`);
      },
      () => {
        // the page is left
      },
    );
    return () => {
      stopping.abort();
      clearTimeout(timer);
    };
  }, [read, kept.publicKey]);

  return (
    <section class="panel" aria-label={t.transaction.title}>
      <h2>
        <RoomTitle title={kept.draft.title} />
      </h2>
      {failure === null && (
        <Steps
          label={t.transaction.title}
          lines={[
            { word: t.transaction.signed, state: "done" },
            { word: t.transaction.mined, state: "now", more: long ? t.transaction.long : t.transaction.minedWait },
            { word: t.transaction.confirmed, state: "next" },
            { word: t.transaction.ready, state: "next" },
          ]}
        />
      )}
      <FailureNote failure={failure} />
      {(long || failure !== null) && (
        <div class="buttons">
          <button type="button" class="button" onClick={() => void forget()}>
            {t.transaction.forget}
          </button>
        </div>
      )}
    </section>
  );
}

/** Waits for the room that `kept` was made for; null: its transaction reverted. */
async function roomOf(read: RpcRequest, kept: SentDraft, signal: AbortSignal): Promise<string | null> {
  for (let turn = 0; ; turn++) {
    const receipt = (await read("eth_getTransactionReceipt", [kept.draft.tx], signal).catch(() => null)) as {
      status: string;
      logs: Log[];
    } | null;
    signal.throwIfAborted();
    if (receipt !== null) {
      if (BigInt(receipt.status) === 0n) return null;
      const created = topicOf("RoomCreated");
      const log = receipt.logs.find((one) => one.topics[0] === created);
      if (log !== undefined) return roomId(BigInt(log.topics[2] ?? 0));
    }
    // a wallet may have replaced the transaction by another one: then its effect tells
    if (turn % 8 === 7) {
      const mine = await getRooms({ host: kept.draft.host, limit: 10 }, signal).catch(() => null);
      const found = mine?.rooms.find((room) => sameHex(room.ingest_key, kept.publicKey));
      if (found !== undefined) return found.room_id;
    }
    await sleep(turn < 20 ? 400 : 2_000, signal);
  }
}
