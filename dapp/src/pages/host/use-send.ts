/** Sending one transaction from a page: its steps as state, what it needs, and a new key if it names one. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Room } from "../../api/types";
import type { Call } from "../../contract/calls";
import { Failed, type Failure, failureOf } from "../../contract/failures";
import { follow, send, type TransactionContext, type TransactionStep } from "../../contract/send";
import { newKey } from "../../sealing/keys";
import type { Host } from "../../wallet/use-host";

type Sending =
  | { kind: "idle" }
  | { kind: "going"; step: TransactionStep }
  | { kind: "done" }
  | { kind: "failed"; failure: Failure };

export interface Sender {
  state: Sending;
  busy: boolean;
  failure: Failure | null;
  /** Whether it was mined. `prepare` may take time (a key is made) and fail. */
  run(contract: string, prepare: () => Call | Promise<Call>): Promise<boolean>;
}

export function useSend(host: Host): Sender {
  const [state, setState] = useState<Sending>({ kind: "idle" });
  const leaving = useRef(new AbortController());
  useEffect(() => {
    leaving.current = new AbortController();
    return () => leaving.current.abort();
  }, []);

  async function run(contract: string, prepare: () => Call | Promise<Call>): Promise<boolean> {
    const context = transactionContext(
      host,
      contract,
      (step) => setState({ kind: "going", step }),
      leaving.current.signal,
    );
    if (context === null) return false;
    try {
      setState({ kind: "going", step: { at: "checking" } });
      const hash = await send(context, await prepare());
      await follow({ ...context, confirmations: 0 }, hash);
      setState({ kind: "done" });
      return true;
    } catch (error) {
      if (!leaving.current.signal.aborted) setState({ kind: "failed", failure: failureOf(error) });
      return false;
    }
  }

  return {
    state,
    busy: state.kind === "going",
    failure: state.kind === "failed" ? state.failure : null,
    run,
  };
}

/** Everything a transaction needs; null while there is no wallet on the right chain. */
export function transactionContext(
  host: Host,
  contract: string,
  tell: (step: TransactionStep) => void,
  signal: AbortSignal,
): TransactionContext | null {
  const { config, session, read } = host;
  if (config === null || session.kind !== "ready" || read === null || host.wrongChain) return null;
  return {
    read,
    wallet: session.request,
    from: session.address,
    contract,
    confirmations: config.confirmations,
    tell,
    signal,
  };
}

/** Makes a key and keeps it before the call that names it. */
export async function withNewKey(host: Host, room: Room, call: (key: `0x${string}`) => Call): Promise<Call> {
  if (host.config === null) throw new Failed({ kind: "unreachable" });
  try {
    const about = { chainId: host.config.chain_id, contract: room.contract, draft: null };
    return call((await newKey(about)).publicKey);
  } catch {
    throw new Failed({ kind: "keys" });
  }
}
