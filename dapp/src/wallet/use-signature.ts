/**
 * One signature of the wallet for typed data (EIP-712), as state. Promises: it ends by the wallet's answer, by its
 * refusal, or by `cancel`; an answer that comes after that is ignored. After some seconds `waiting` says that
 * the person must look at the wallet.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { fromHex, toHex } from "../base/hex";
import { Failed, type Failure, failureOf } from "../contract/failures";
import { WALLET_PATIENCE_MS } from "./session";
import type { Host } from "./use-host";

type Signing = { kind: "idle" } | { kind: "asked"; waiting: boolean } | { kind: "failed"; failure: Failure };

export interface Signature {
  state: Signing;
  /** The signature as hex; null: it failed, was given up, or no wallet is there. */
  ask(typedData: object): Promise<`0x${string}` | null>;
  cancel(): void;
}

export function useSignature({ session, wrongChain }: Host): Signature {
  const [state, setState] = useState<Signing>({ kind: "idle" });
  const running = useRef<AbortController | null>(null);
  const stop = () => {
    running.current?.abort();
    running.current = null;
  };
  useEffect(() => stop, []);

  async function ask(typedData: object): Promise<`0x${string}` | null> {
    if (session.kind !== "ready" || wrongChain || running.current !== null) return null;
    const mine = new AbortController();
    running.current = mine;
    const tell = (next: Signing) => !mine.signal.aborted && setState(next);
    const silent = setTimeout(() => tell({ kind: "asked", waiting: true }), WALLET_PATIENCE_MS);
    tell({ kind: "asked", waiting: false });
    try {
      const params = [session.address, JSON.stringify(typedData)];
      const given = new Promise<null>((resolve) => mine.signal.addEventListener("abort", () => resolve(null)));
      const told = await Promise.race([session.request("eth_signTypedData_v4", params), given]);
      if (mine.signal.aborted) return null;
      const found = signatureOf(told);
      tell({ kind: "idle" });
      return found;
    } catch (error) {
      tell({ kind: "failed", failure: failureOf(error) });
      return null;
    } finally {
      clearTimeout(silent);
      if (running.current === mine) running.current = null;
    }
  }

  function cancel(): void {
    stop();
    setState({ kind: "idle" });
  }

  return { state, ask, cancel };
}

const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/**
 * What a wallet answered, written as contracts and services take it: a key's signature with v 27 or 28 (some
 * say 0 or 1) and the lower s; a contract's as it is.
 */
export function signatureOf(told: unknown): `0x${string}` {
  const bytes = typeof told === "string" && told.length > 2 ? tryHex(told) : null;
  if (bytes === null || bytes.length > 4_096) throw new Failed({ kind: "other", message: "" });
  if (bytes.length !== 65) return toHex(bytes);
  let v = (bytes[64] ?? 0) % 27;
  if (v > 1) return toHex(bytes);
  let s = BigInt(toHex(bytes.subarray(32, 64)));
  if (s > HALF_ORDER) {
    s = 2n * HALF_ORDER + 1n - s;
    v = 1 - v;
  }
  const word = s.toString(16).padStart(64, "0");
  return toHex(fromHex(`${toHex(bytes.subarray(0, 32))}${word}${v === 0 ? "1b" : "1c"}`));
}

function tryHex(text: string): ReturnType<typeof fromHex> | null {
  try {
    return fromHex(text);
  } catch {
    return null;
  }
}
