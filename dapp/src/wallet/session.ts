/**
 * The wallet in use. Promises: remembered over reloads and shared by all tabs (as far as the wallet
 * itself says yes without asking); follows the wallet's own changes of account and chain; refusing
 * in the wallet leaves everything as it was.
 */
import type { Config } from "../api/types";
import { type Address, isAddress } from "../base/hex";
import { recall, remember } from "../base/storage";
import { store } from "../base/store";
import { ETHER_DECIMALS } from "../base/units";
import { type Failure, failureOf } from "../contract/failures";
import {
  asRpcError,
  chainOf,
  DECLINED,
  overProvider,
  type Provider,
  quantity,
  RpcError,
  type RpcRequest,
} from "../contract/rpc";
import { text } from "../i18n";
import { account } from "./account";
import { type Wallet, wallets } from "./discovery";

export type Session =
  | { kind: "none" }
  | { kind: "connecting"; wallet: Wallet }
  | { kind: "ready"; wallet: Wallet; request: RpcRequest; address: Address; chainId: number };

export const session = store<Session>({ kind: "none" });

let dropListeners = () => {};

/** Asks a wallet for its account. Answers a failure, or null. */
export async function connect(wallet: Wallet): Promise<Failure | null> {
  const before = session.get();
  session.set({ kind: "connecting", wallet });
  try {
    await take(wallet, "eth_requestAccounts");
    remember("wallet", wallet.id);
    return null;
  } catch (error) {
    session.set(before.kind === "connecting" ? { kind: "none" } : before);
    return failureOf(error);
  }
}

/** Takes up the wallet of last time, if it answers without asking the person. */
export async function resume(): Promise<void> {
  const id = recall("wallet");
  if (id === null || session.get().kind !== "none") return;
  const wallet = wallets.get().find((found) => found.id === id);
  if (wallet === undefined) return;
  session.set({ kind: "connecting", wallet });
  try {
    await take(wallet, "eth_accounts");
  } catch {
    session.set({ kind: "none" });
  }
}

export function disconnect(): void {
  dropListeners();
  remember("wallet", null);
  account.set(null);
  session.set({ kind: "none" });
}

async function take(wallet: Wallet, method: "eth_accounts" | "eth_requestAccounts"): Promise<void> {
  const provider = await wallet.provider();
  const request = overProvider(provider);
  const accounts = (await request(method)) as string[];
  const chainId = await chainOf(request);
  if (!isAddress(accounts[0])) throw new RpcError(DECLINED, "no account", null);
  dropListeners();
  listen(wallet, provider, request);
  account.set(accounts[0]);
  session.set({ kind: "ready", wallet, request, address: accounts[0], chainId });
}

function listen(wallet: Wallet, provider: Provider, request: RpcRequest): void {
  const accounts = (found: string[]) => {
    const now = session.get();
    if (!isAddress(found[0])) return disconnect();
    if (now.kind === "ready" && now.wallet.id === wallet.id) {
      account.set(found[0]);
      session.set({ ...now, request, address: found[0] });
    }
  };
  const chain = (id: string) => {
    const now = session.get();
    if (now.kind === "ready") session.set({ ...now, chainId: Number(id) });
  };
  provider.on?.("accountsChanged", accounts as never);
  provider.on?.("chainChanged", chain as never);
  dropListeners = () => {
    provider.removeListener?.("accountsChanged", accounts as never);
    provider.removeListener?.("chainChanged", chain as never);
    dropListeners = () => {};
  };
}

const UNKNOWN_CHAIN = 4902;

/** Asks the wallet to go to the page's chain; adds it where the wallet does not know it. */
export async function switchChain(config: Config): Promise<Failure | null> {
  const now = session.get();
  if (now.kind !== "ready") return null;
  const chainId = quantity(config.chain_id);
  try {
    try {
      await now.request("wallet_switchEthereumChain", [{ chainId }]);
    } catch (error) {
      const { code, message } = asRpcError(error);
      const unknown = code === UNKNOWN_CHAIN || /unrecognized chain/i.test(message);
      if (!unknown || config.rpc_url === null) throw error;
      await now.request("wallet_addEthereumChain", [
        {
          chainId,
          chainName: text().wallet.chain(config.chain_id),
          rpcUrls: [config.rpc_url],
          nativeCurrency: { name: "Ether", symbol: "ETH", decimals: ETHER_DECIMALS },
        },
      ]);
    }
    const seen = await chainOf(now.request);
    const latest = session.get();
    if (latest.kind === "ready") session.set({ ...latest, chainId: seen });
    return null;
  } catch (error) {
    return failureOf(error);
  }
}
