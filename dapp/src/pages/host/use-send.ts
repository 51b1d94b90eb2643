/** Sending one transaction from a page, with its steps as state. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Call } from "../../contract/calls";
import { failureOf, type Failure } from "../../contract/failures";
import { follow, send, type Road, type Step } from "../../contract/send";
import type { Host } from "../../wallet/use-host";

export type Sending =
  | { kind: "idle" }
  | { kind: "going"; step: Step }
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
    const road = roadOf(host, contract, (step) => setState({ kind: "going", step }), leaving.current.signal);
    if (road === null) return false;
    try {
      setState({ kind: "going", step: { at: "checking" } });
      const hash = await send(road, await prepare());
      await follow({ ...road, confirmations: 0 }, hash);
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
export function roadOf(
  host: Host,
  contract: string,
  tell: (step: Step) => void,
  signal: AbortSignal,
): Road | null {
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
