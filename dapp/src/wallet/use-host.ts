/** What a page of a host works with: configuration, wallet, and where to read the chain. */
import { useEffect, useMemo } from "preact/hooks";
import { config, configState, isConfig } from "../api/config";
import type { Config } from "../api/types";
import { useStore } from "../base/store";
import { overHttp, type RpcRequest, reading } from "../contract/rpc";
import { discoverWallets } from "./discovery";
import { resume, type Session, session } from "./session";
import { attend } from "./watch";

let begun: Promise<void> | undefined;

/** Looks for wallets and takes up the one of last time; once for the page's life. */
function begin(): Promise<void> {
  begun ??= config().then((found) => {
    discoverWallets(found);
    resume();
  });
  return begun;
}

export interface Host {
  config: Config | null;
  /** Whether the configuration could not be had; it is asked for again. */
  unreachable: boolean;
  session: Session;
  /** Reads the chain: the public node, else the wallet; null while there is neither. */
  read: RpcRequest | null;
  /** Whether the wallet is on another chain than the page. */
  wrongChain: boolean;
}

export function useHost(): Host {
  const settings = useStore(configState);
  const now = useStore(session);
  useEffect(() => {
    void begin();
    return attend();
  }, []);
  const known = isConfig(settings) ? settings : null;
  const wrongChain = known !== null && now.kind === "ready" && now.chainId !== known.chain_id;
  const rpc = known?.rpc_url ?? null;
  const byWallet = now.kind === "ready" && !wrongChain ? now.request : null;
  const read = useMemo(() => readerOf(rpc, byWallet), [rpc, byWallet]);
  const unreachable = !isConfig(settings) && settings.kind === "unreachable";
  return { config: known, unreachable, session: now, read, wrongChain };
}

function readerOf(rpc: string | null, wallet: RpcRequest | null): RpcRequest | null {
  if (rpc !== null) return overHttp(rpc);
  return wallet === null ? null : reading(wallet);
}
