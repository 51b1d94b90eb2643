/**
 * Wallets in this browser: those that announce themselves (EIP-6963), those that older wallets put in
 * the window (EIP-1193), and on the local chain the built-in demo wallet.
 *
 * Promises: a wallet appears by itself however late it comes; two wallets of one rdns stay two; an
 * announcement that is malformed, hostile or one of thousands is passed over.
 */
import type { Config } from "../api/types";
import { store } from "../base/store";
import type { Provider } from "../contract/rpc";

export interface Wallet {
  /** Its reverse domain name and its name: stable over reloads, unlike its uuid. */
  id: string;
  name: string;
  /** A data: address, or null. */
  icon: string | null;
  demo: boolean;
  provider(): Promise<Provider>;
}

const MOST = 40; // no browser has so many; a hostile extension may
const LONGEST_NAME = 60;
const LONGEST_ICON = 300_000;
const LOOK_EVERY_MS = 2_000; // into the window, which tells of nothing by itself

/** What older wallets are called, by the flag each sets on its provider; MetaMask's last, as many set it too. */
const FLAGS = {
  isRabby: "Rabby",
  isCoinbaseWallet: "Coinbase Wallet",
  isBraveWallet: "Brave Wallet",
  isTrust: "Trust Wallet",
  isOkxWallet: "OKX Wallet",
  isPhantom: "Phantom",
  isMetaMask: "MetaMask",
};

interface Found {
  provider: Provider;
  uuid: string;
  wallet: Wallet;
}

export const wallets = store<Wallet[]>([]);
let announced: Found[] = [];
let inWindow: Found[] = [];
let demo: Wallet | null = null;

/** Begins looking, for the page's life; `wallets` follows. */
export function discoverWallets(config: Config): void {
  const rpc = config.rpc_url;
  if (config.demo && rpc !== null) {
    demo = {
      id: "demo",
      name: "",
      icon: null,
      demo: true,
      provider: async () => (await import("./demo-wallet")).demoProvider(rpc, config.chain_id),
    };
  }
  window.addEventListener("eip6963:announceProvider", (event) => announce((event as CustomEvent).detail));
  window.addEventListener("ethereum#initialized", lookInWindow);
  window.dispatchEvent(new Event("eip6963:requestProvider"));
  setInterval(lookInWindow, LOOK_EVERY_MS);
  lookInWindow();
  renew();
}

function announce(detail: unknown): void {
  const found = reading(() => {
    const { info, provider } = detail as { info: Record<string, unknown>; provider: unknown };
    const { uuid, rdns, name, icon } = info;
    if (!isProvider(provider) || typeof rdns !== "string" || typeof name !== "string" || rdns === "") return null;
    return { uuid: String(uuid), provider, wallet: walletOf(rdns, name, icon, provider) };
  });
  if (found === null || announced.length >= MOST) return;
  if (announced.some(({ uuid, provider }) => uuid === found.uuid || provider === found.provider)) return;
  announced = [...announced, unlike(found, announced)];
  renew();
}

function lookInWindow(): void {
  const found = reading(() => {
    const { ethereum } = window as { ethereum?: Provider & { providers?: unknown } };
    const all: unknown[] = Array.isArray(ethereum?.providers) ? ethereum.providers : [];
    return [...new Set(all.length === 0 ? [ethereum] : all)].filter(isProvider).slice(0, MOST);
  });
  if (found === null || same(found, inWindow)) return;
  inWindow = [];
  for (const provider of found) {
    const name = reading(() => flagOf(provider as unknown as Record<string, unknown>)) ?? "";
    const one = { provider, uuid: "", wallet: walletOf("window", name, null, provider) };
    inWindow = [...inWindow, unlike(one, inWindow)];
  }
  renew();
}

/** With an id that none of `others` has, also where rdns and name are the same. */
function unlike(found: Found, others: Found[]): Found {
  const { id } = found.wallet;
  const twins = others.filter(({ wallet }) => wallet.id === id || wallet.id.startsWith(`${id}#`)).length;
  if (twins > 0) found.wallet.id = `${id}#${twins + 1}`;
  return found;
}

const same = (providers: Provider[], known: Found[]) =>
  providers.length === known.length && providers.every((one, at) => one === known[at]?.provider);

const flagOf = (provider: Record<string, unknown>): string | null =>
  Object.entries(FLAGS).find(([flag]) => provider[flag] === true)?.[1] ?? null;

function walletOf(rdns: string, told: string, icon: unknown, provider: Provider): Wallet {
  const name = told
    .replace(/[\p{Cc}\p{Cf}]/gu, "")
    .trim()
    .slice(0, LONGEST_NAME);
  const shown = typeof icon === "string" && icon.startsWith("data:image/") && icon.length < LONGEST_ICON;
  return {
    id: `${rdns.slice(0, LONGEST_NAME)}|${name}`,
    name,
    icon: shown ? icon : null,
    demo: false,
    provider: async () => provider,
  };
}

function isProvider(told: unknown): told is Provider {
  return told !== null && typeof told === "object" && typeof (told as Provider).request === "function";
}

/** What `look` finds; null where a stranger's object throws at being looked at. */
function reading<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}

/** A wallet is listed once: what it has put in the window is left out where it announced itself too. */
function renew(): void {
  const isAnnounced = ({ provider, wallet }: Found) =>
    announced.some((one) => one.provider === provider || (wallet.name !== "" && one.wallet.name === wallet.name));
  const others = inWindow.filter((one) => !isAnnounced(one));
  const found = [...announced, ...others].map(({ wallet }) => wallet);
  wallets.set(demo === null ? found : [...found, demo]);
}
