/**
 * Wallets in this browser: those that announce themselves (EIP-6963), else the one that older
 * wallets put in the window (EIP-1193), and on the local chain the built-in demo wallet.
 */
import { createStore } from "mipd";
import type { Config } from "../api/types";
import { store } from "../base/store";
import type { Provider } from "../contract/rpc";

export interface Wallet {
  /** Reverse domain name, stable over reloads. */
  id: string;
  name: string;
  /** A data: address, or null. */
  icon: string | null;
  demo: boolean;
  provider(): Promise<Provider>;
}

const DEMO = "demo";

const announced = createStore();
export const wallets = store<Wallet[]>([]);
let demo: Wallet | null = null;

/** Begins looking; `wallets` follows. */
export function discoverWallets(config: Config): void {
  const rpc = config.rpc_url;
  if (config.demo && rpc !== null) {
    demo = {
      id: DEMO,
      name: "",
      icon: null,
      demo: true,
      provider: async () => (await import("./demo-wallet")).demoProvider(rpc, config.chain_id),
    };
  }
  announced.subscribe(renew);
  renew();
}

function renew(): void {
  const found: Wallet[] = announced.getProviders().map(({ info, provider }) => ({
    id: info.rdns,
    name: info.name,
    icon: info.icon.startsWith("data:image/") ? info.icon : null,
    demo: false,
    provider: async () => provider as unknown as Provider,
  }));
  const old = (window as { ethereum?: Provider }).ethereum;
  if (found.length === 0 && old !== undefined) {
    found.push({ id: "window", name: "", icon: null, demo: false, provider: async () => old });
  }
  wallets.set(demo === null ? found : [...found, demo]);
}
