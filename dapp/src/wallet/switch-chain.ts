/**
 * Moving the wallet to the page's chain. Promises: what the wallet says is not believed, only where it
 * is afterwards; it ends by itself, by `signal`, or when the wallet is there by another way.
 */
import type { Config } from "../api/types";
import { sleep } from "../base/time";
import { ETHER_DECIMALS } from "../base/units";
import { Failed, type Failure, failureOf } from "../contract/failures";
import { meaningOf, wordsOf } from "../contract/refusals";
import { quantity, type RpcRequest } from "../contract/rpc";
import { text } from "../i18n";
import { askAgain, session } from "./session";

const LOOKS = 4; // some wallets move a moment after they answered
const LOOK_MS = 600;

/** Asks the wallet in use to go to the page's chain; adds it where the wallet does not know it. */
export async function switchChain(config: Config, signal: AbortSignal): Promise<Failure | null> {
  const now = session.get();
  if (now.kind !== "ready") return null;
  const given = new Promise<null>((resolve) => signal.addEventListener("abort", () => resolve(null), { once: true }));
  return Promise.race([given, move(config, now.request, signal).catch(failureOf)]);
}

async function move(config: Config, request: RpcRequest, signal: AbortSignal): Promise<Failure | null> {
  const chainId = quantity(config.chain_id);
  const go = () => request("wallet_switchEthereumChain", [{ chainId }]);
  let unknown = false;
  try {
    await go();
  } catch (error) {
    const meaning = meaningOf(error);
    if (meaning === "unsupported") throw byHand(config);
    if (meaning !== "unknown-chain") throw error;
    unknown = true;
  }
  if (!unknown && (await isThere(config, signal))) return null;
  if (!unknown || config.rpc_url === null || signal.aborted) throw byHand(config);
  await add(config, request, config.rpc_url);
  if (await isThere(config, signal)) return null;
  if (!signal.aborted) await go(); // to add is not to go, with some
  if (await isThere(config, signal)) return null;
  throw byHand(config);
}

async function add(config: Config, request: RpcRequest, rpc: string): Promise<void> {
  const chain = {
    chainId: quantity(config.chain_id),
    chainName: text().wallet.chain(config.chain_id),
    rpcUrls: [rpc],
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: ETHER_DECIMALS },
  };
  try {
    await request("wallet_addEthereumChain", [chain]);
  } catch (error) {
    const meaning = meaningOf(error);
    const secure = rpc.startsWith("https:");
    if (meaning === "other" && !secure && /https/i.test(wordsOf(error))) {
      throw new Failed({ kind: "https", chainId: config.chain_id });
    }
    if (meaning === "unsupported" || meaning === "unknown-chain") throw byHand(config);
    throw error;
  }
}

const byHand = (config: Config) => new Failed({ kind: "by-hand", chainId: config.chain_id });

async function isThere(config: Config, signal: AbortSignal): Promise<boolean> {
  for (let look = 0; look < LOOKS && !signal.aborted; look++) {
    askAgain();
    await sleep(LOOK_MS);
    const now = session.get();
    if (now.kind === "ready" && now.chainId === config.chain_id) return true;
  }
  return false;
}
