/**
 * Sending one transaction from a page, as state: its steps, its end, what is done about it.
 *
 * Promises: what was begun earlier (before a reload, in another tab, in a dialog that was closed) is taken up
 * and told instead of being asked for again.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { insist } from "../../base/time";
import { type Begun, begunAt, dropBegun, onBegun, slotOf } from "../../contract/begun";
import type { Call, Effect } from "../../contract/calls";
import type { ChainEvent } from "../../contract/events";
import { endsIt, Failed, type Failure, failureOf, isOutdated, isUnsent } from "../../contract/failures";
import type { TransactionStep } from "../../contract/follow";
import { KeysUnavailable } from "../../sealing/browser-store";
import { dropKey, newKey } from "../../sealing/keys";
import type { Host } from "../../wallet/use-host";

type Sending =
  | { kind: "idle" }
  /** `record`: what is kept of it, once the wallet was asked. */
  | { kind: "going"; step: TransactionStep; record: Begun | null }
  | { kind: "failed"; failure: Failure; record: Begun | null };

export interface Sender {
  state: Sending;
  busy: boolean;
  step: TransactionStep | null;
  failure: Failure | null;
  /**
   * The event that shows its effect; null: it failed, or was taken up elsewhere. `prepare` may take time and fail;
   * it is asked a second time if the contract has changed since.
   */
  run(prepare: () => Call | Promise<Call>): Promise<ChainEvent | null>;
  /** Waits no longer, or puts away how it ended. */
  cancel(): void;
}

/** Loaded when a page that may send is seen: a page's first load is smaller without it. */
const sending = () =>
  import("../../contract/send").catch(() => {
    throw new Failed({ kind: "part" });
  });

/** `subject`: what a person can ask for once at a time. `onFound`: what was taken up took effect. */
export function useSend(
  host: Host,
  contract: string,
  subject: Pick<Effect, "event" | "room">,
  onFound: (event: ChainEvent) => void = () => {},
): Sender {
  const [state, setState] = useState<Sending>({ kind: "idle" });
  const running = useRef<AbortController | null>(null);
  const given = useRef(""); // its end was told
  const takeUp = useRef(() => {});
  const { config, session, read } = host;
  const account = session.kind === "ready" ? session.address : null;
  const chainId = config?.chain_id ?? 0;
  const slot = account === null ? null : slotOf({ chainId, contract, account, effect: subject });

  /** The one that goes on now; it ends when the page is left or another account is used. */
  async function watch(
    work: (tell: (step: TransactionStep) => void, signal: AbortSignal) => Promise<ChainEvent>,
  ): Promise<ChainEvent | null> {
    const mine = new AbortController();
    running.current = mine;
    const kept: { last: Begun | null } = { last: null };
    const tell = (step: TransactionStep) => {
      if (mine.signal.aborted) return;
      if (slot !== null && step.at !== "checking") kept.last = begunAt(slot) ?? kept.last;
      setState({ kind: "going", step, record: kept.last });
    };
    try {
      const found = await work(tell, mine.signal);
      if (!mine.signal.aborted) setState({ kind: "idle" });
      return found;
    } catch (error) {
      if (mine.signal.aborted) return null;
      running.current = null;
      const failure = failureOf(error);
      given.current = kept.last?.id ?? "";
      setState({ kind: "failed", failure, record: kept.last });
      if (failure.kind === "begun") takeUp.current();
      return null;
    } finally {
      if (running.current === mine) running.current = null;
    }
  }

  useEffect(() => {
    if (slot === null || read === null) return;
    const look = () => {
      const record = begunAt(slot);
      if (record === null || record.id === given.current || running.current !== null) return;
      void watch(async (tell, signal) => {
        try {
          const { follow } = await insist(sending, () => {}, signal);
          const found = await follow({ read, tell, signal }, record);
          dropBegun(record);
          return found;
        } catch (error) {
          if (error instanceof Failed && endsIt(error.failure)) dropBegun(record);
          throw error;
        }
      }).then((found) => found !== null && onFound(found));
    };
    sending().catch(() => {
      // again when it is needed
    });
    takeUp.current = look;
    look();
    const off = onBegun(look);
    return () => {
      off();
      running.current?.abort();
      running.current = null;
      setState({ kind: "idle" });
    };
  }, [slot, read]);

  useEffect(() => {
    setState((before) => (before.kind === "failed" && before.failure.kind !== "lost" ? { kind: "idle" } : before));
  }, [host.wrongChain]);

  async function run(prepare: () => Call | Promise<Call>): Promise<ChainEvent | null> {
    if (config === null || session.kind !== "ready" || read === null || host.wrongChain) return null;
    if (running.current !== null) return null;
    if (state.kind === "failed" && state.record !== null) dropBegun(state.record);
    return watch(async (tell, signal) => {
      tell({ at: "checking" });
      for (let first = true; ; first = false) {
        const [call, { send }] = await Promise.all([prepare(), sending()]);
        signal.throwIfAborted();
        try {
          const { request: wallet, address } = session;
          return await send({ read, wallet, account: address, contract, chainId: config.chain_id, tell, signal }, call);
        } catch (error) {
          const { ingestKey } = call.effect.args;
          const failure = failureOf(error);
          // the key is of no use
          if (ingestKey !== undefined && !signal.aborted && isUnsent(failure)) {
            await dropKey(ingestKey).catch(() => {});
          }
          if (!first || signal.aborted || !isOutdated(failure)) throw error;
        }
      }
    });
  }

  function cancel() {
    const asked = state.kind === "idle" ? null : state.record;
    running.current?.abort();
    running.current = null;
    if (asked !== null) dropBegun(asked);
    setState(
      state.kind === "going" ? { kind: "failed", failure: { kind: "stopped" }, record: null } : { kind: "idle" },
    );
  }

  return {
    state,
    busy: state.kind === "going",
    step: state.kind === "going" ? state.step : null,
    failure: state.kind === "failed" ? state.failure : null,
    run,
    cancel,
  };
}

/** Makes a key and keeps it before the call that names it. */
export async function withNewKey(host: Host, contract: string, call: (key: `0x${string}`) => Call): Promise<Call> {
  if (host.config === null) throw new Failed({ kind: "unreachable" });
  try {
    return call((await newKey({ chainId: host.config.chain_id, contract })).publicKey);
  } catch (error) {
    throw error instanceof KeysUnavailable ? new Failed({ kind: "keys", why: error.why }) : error;
  }
}
