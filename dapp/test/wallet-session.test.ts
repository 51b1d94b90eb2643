/** Scripted wallets in simulated time: silent, late, locked, refusing, on another chain. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Config } from "../src/api/types";
import type { Wallet } from "../src/wallet/discovery";
import { storage } from "./fake-browser";

const ONE = "0x1111111111111111111111111111111111111111";
const TWO = "0x2222222222222222222222222222222222222222";
const NEVER = () => new Promise(() => {});
const config = { chain_id: 31337, rpc_url: "http://node", demo: false } as Config;
const stranger = { code: 4902, message: "x" };

type Answer = unknown | (() => unknown);

/** Answers what its script says, a function's outcome, or never. */
class Scripted {
  asked: string[] = [];
  listeners = new Map<string, Set<(told: unknown) => void>>();
  script: Record<string, Answer> = { eth_requestAccounts: [ONE], eth_accounts: [ONE], eth_chainId: "0x7a69" };
  async request({ method }: { method: string }) {
    this.asked.push(method);
    const answer = this.script[method];
    return typeof answer === "function" ? answer() : answer;
  }
  on(event: string, listener: (told: unknown) => void) {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(listener));
  }
  removeListener(event: string, listener: (told: unknown) => void) {
    this.listeners.get(event)?.delete(listener);
  }
  tell(event: string, told: unknown) {
    for (const listener of this.listeners.get(event) ?? []) listener(told);
  }
  count = (method: string) => this.asked.filter((one) => one === method).length;
}

let page: EventTarget;
let visibility: string;
let kept: Map<string, string>;
let wallet: Scripted;
let other: Scripted;

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetModules();
  visibility = "visible";
  kept = new Map();
  page = Object.assign(new EventTarget(), {});
  wallet = new Scripted();
  other = new Scripted();
  other.script = { eth_requestAccounts: [TWO], eth_accounts: [TWO], eth_chainId: 31337 };
  vi.stubGlobal("window", page);
  vi.stubGlobal("navigator", { languages: ["en"] });
  vi.stubGlobal("document", {
    get visibilityState() {
      return visibility;
    },
    documentElement: {},
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page),
  });
  vi.stubGlobal("localStorage", storage(kept));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

function announce(provider: unknown, name = "Main", rdns = "a.wallet", uuid = name, icon: unknown = "data:image/png,") {
  const detail = { info: { uuid, rdns, name, icon }, provider };
  page.dispatchEvent(Object.assign(new Event("eip6963:announceProvider"), { detail }));
}

/** The page as loaded now; `remembered`: by an earlier load. */
async function load(remembered = false) {
  if (remembered) {
    kept.set("livestream-rooms.wallet", "a.wallet|Main");
    kept.set("livestream-rooms.account", ONE);
  }
  const discovery = await import("../src/wallet/discovery");
  const own = await import("../src/wallet/session");
  const { attend } = await import("../src/wallet/watch");
  const { switchChain } = await import("../src/wallet/switch-chain");
  attend();
  discovery.discoverWallets(config);
  own.resume();
  const state = () => own.session.get();
  const named = (name: string) => discovery.wallets.get().find((one) => one.name === name) as Wallet;
  return { ...own, switchChain, state, named, list: () => discovery.wallets.get() };
}

async function connected() {
  const own = await load();
  announce(wallet);
  await own.connect(own.named("Main"));
  expect(own.state()).toMatchObject({ kind: "ready", address: ONE, chainId: 31337 });
  return own;
}

describe("the wallet of last time", () => {
  test("is taken up", async () => {
    const own = await load(true);
    announce(wallet);
    await pass(0.1);
    expect(own.state()).toMatchObject({ kind: "ready", address: ONE });
    expect(wallet.count("eth_requestAccounts")).toBe(0);
  });

  test("never answers: over in seconds; another is chosen meanwhile", async () => {
    wallet.script.eth_accounts = NEVER;
    const own = await load(true);
    announce(wallet);
    announce(other, "Other");
    expect(own.state().kind).toBe("connecting");
    await pass(5);
    expect(own.state()).toMatchObject({ kind: "locked", address: ONE });
    expect(await own.connect(own.named("Other"))).toBe(null);
    expect(own.state()).toMatchObject({ kind: "ready", address: TWO });
    wallet.tell("accountsChanged", [ONE]);
    expect(own.state()).toMatchObject({ address: TWO });
  });

  test.each([
    ["its accounts", "eth_accounts"],
    ["its chain", "eth_chainId"],
  ])("answers late about %s: taken up", async (_, method) => {
    let answer = (_: unknown) => {};
    const right = wallet.script[method];
    wallet.script[method] = () => new Promise((resolve) => (answer = resolve));
    const own = await load(true);
    announce(wallet);
    await pass(20);
    expect(own.state().kind).toBe("locked");
    answer(right);
    await pass(0.1);
    expect(own.state()).toMatchObject({ kind: "ready", address: ONE });
  });

  test("never answers, but tells of an account", async () => {
    wallet.script.eth_accounts = NEVER;
    const own = await load(true);
    announce(wallet);
    await pass(60);
    wallet.tell("accountsChanged", [TWO]);
    expect(own.state()).toMatchObject({ kind: "ready", address: TWO });
  });

  test("is silent for an hour: hardly asked", async () => {
    wallet.script.eth_accounts = NEVER;
    await load(true);
    announce(wallet);
    await pass(3600);
    expect(wallet.count("eth_accounts")).toBeLessThan(130);
  });

  const inWindow = () => Object.assign(page, { ethereum: wallet });
  test.each<[string, string, () => void]>([
    ["announces itself", "a.wallet|Main", () => announce(wallet)],
    ["is put in the window, and says so", "window|", () => inWindow().dispatchEvent(new Event("ethereum#initialized"))],
    ["is put in the window without a word", "window|", inWindow],
  ])("%s half a minute after load: appears and is taken up", async (_, id, appear) => {
    const own = await load(true);
    kept.set("livestream-rooms.wallet", id);
    await pass(30);
    expect(own.list()).toEqual([]);
    appear();
    await pass(3);
    expect(own.list()).toHaveLength(1);
    expect(own.state().kind).toBe("ready");
  });
});

describe("connecting", () => {
  test("a popup closed without an answer: said, cancelled, another is chosen, the late answer ignored", async () => {
    let answer = (_: unknown) => {};
    wallet.script.eth_requestAccounts = () => new Promise((resolve) => (answer = resolve));
    wallet.script.eth_accounts = [];
    const own = await load();
    announce(wallet);
    announce(other, "Other");
    const first = own.connect(own.named("Main"));
    await pass(3);
    expect(own.state()).toMatchObject({ kind: "connecting", waiting: false });
    await pass(2);
    expect(own.state()).toMatchObject({ kind: "connecting", waiting: true });
    own.cancel();
    expect(own.state().kind).toBe("none");
    expect(await first).toBe(null);
    await own.connect(own.named("Other"));
    answer([ONE]);
    await pass(30);
    expect(own.state()).toMatchObject({ kind: "ready", address: TWO });
  });

  test("another wallet is chosen while the first is silent, without a cancel", async () => {
    wallet.script.eth_requestAccounts = NEVER;
    const own = await load();
    announce(wallet);
    announce(other, "Other");
    const first = own.connect(own.named("Main"));
    expect(await own.connect(own.named("Other"))).toBe(null);
    expect(await first).toBe(null);
    expect(own.state()).toMatchObject({ kind: "ready", address: TWO });
    expect(kept.get("livestream-rooms.wallet")).toBe("a.wallet|Other");
  });

  test("hangs at its chain: waiting, then goes on", async () => {
    wallet.script.eth_chainId = NEVER;
    const own = await load();
    announce(wallet);
    const done = own.connect(own.named("Main"));
    await pass(6);
    expect(own.state()).toMatchObject({ kind: "connecting", waiting: true });
    wallet.script.eth_chainId = "0X7A69";
    await pass(6);
    expect(await done).toBe(null);
    expect(own.state()).toMatchObject({ kind: "ready", chainId: 31337 });
  });

  test.each([
    ["with its event", true],
    ["without any event", false],
  ])("a question is open already: waiting at once, goes on when it is answered %s", async (_, told) => {
    wallet.script.eth_accounts = [];
    wallet.script.eth_requestAccounts = () => Promise.reject({ code: -32002, message: "already pending" });
    const own = await load();
    announce(wallet);
    const done = own.connect(own.named("Main"));
    await pass(0.1);
    expect(own.state()).toMatchObject({ kind: "connecting", waiting: true });
    await pass(60);
    wallet.script.eth_accounts = [ONE];
    if (told) wallet.tell("accountsChanged", [ONE]);
    await pass(told ? 0.1 : 3);
    expect(await done).toBe(null);
    expect(own.state().kind).toBe("ready");
    expect(wallet.count("eth_requestAccounts")).toBe(1);
  });

  test("refused: as before", async () => {
    wallet.script.eth_requestAccounts = () => Promise.reject("User rejected");
    const own = await load();
    announce(wallet);
    expect(await own.connect(own.named("Main"))).toEqual({ kind: "declined" });
    expect(own.state().kind).toBe("none");
    wallet.script.eth_requestAccounts = [];
    expect(await own.connect(own.named("Main"))).toEqual({ kind: "unauthorized" });
  });
});

describe("a wallet in use", () => {
  test("is locked and unlocked: remembered, and back by itself", async () => {
    const own = await connected();
    wallet.tell("accountsChanged", []);
    expect(own.state()).toMatchObject({ kind: "locked", address: ONE });
    expect(kept.get("livestream-rooms.wallet")).toBe("a.wallet|Main");
    wallet.tell("accountsChanged", [ONE]);
    expect(own.state()).toMatchObject({ kind: "ready", address: ONE });
  });

  test("its events are lost: account, chain and lock are seen within 10 s", async () => {
    const own = await connected();
    wallet.script.eth_accounts = [TWO];
    wallet.script.eth_chainId = "1";
    await pass(10);
    expect(own.state()).toMatchObject({ kind: "ready", address: TWO, chainId: 1 });
    wallet.script.eth_accounts = [];
    await pass(10);
    expect(own.state()).toMatchObject({ kind: "locked", address: TWO });
    wallet.script.eth_accounts = [ONE];
    page.dispatchEvent(new Event("focus"));
    await pass(0.1);
    expect(own.state()).toMatchObject({ kind: "ready", address: ONE });
  });

  test("4100 is a lock; any other error, a disconnect and silence are not", async () => {
    const own = await connected();
    wallet.script.eth_accounts = () => Promise.reject({ code: -32603, message: "restarting" });
    wallet.tell("disconnect", { code: 4900 });
    await pass(20);
    wallet.script.eth_accounts = NEVER;
    await pass(60);
    expect(own.state().kind).toBe("ready");
    wallet.script.eth_accounts = () => Promise.reject({ code: 4100, message: "x" });
    await pass(60);
    expect(own.state().kind).toBe("locked");
  });

  test("an old answer does not undo an event; letters in another case are no change", async () => {
    const own = await connected();
    let answer = (_: unknown) => {};
    wallet.script.eth_accounts = () => new Promise((resolve) => (answer = resolve));
    page.dispatchEvent(new Event("focus"));
    wallet.tell("accountsChanged", [TWO]);
    answer([ONE]);
    await pass(0.1);
    expect(own.state()).toMatchObject({ address: TWO });
    const before = own.state();
    wallet.tell("accountsChanged", [TWO.toUpperCase().replace("0X", "0x")]);
    wallet.tell("chainChanged", 31337);
    expect(own.state()).toBe(before);
  });

  test("a hidden tab asks nothing, and at once on return", async () => {
    await connected();
    visibility = "hidden";
    await pass(10);
    const before = wallet.asked.length;
    await pass(600);
    expect(wallet.asked.length).toBe(before);
    visibility = "visible";
    page.dispatchEvent(new Event("visibilitychange"));
    expect(wallet.asked.length).toBeGreaterThan(before);
  });

  test("is forgotten by the person alone", async () => {
    const own = await connected();
    own.disconnect();
    expect(own.state().kind).toBe("none");
    wallet.tell("accountsChanged", [ONE]);
    await pass(30);
    expect(own.state().kind).toBe("none");
    expect(kept.has("livestream-rooms.wallet")).toBe(false);
  });
});

describe("going to the page's chain", () => {
  async function go(script: Record<string, Answer>) {
    const own = await connected();
    wallet.script.eth_chainId = "0x1";
    wallet.tell("chainChanged", "0x1");
    Object.assign(wallet.script, script);
    const stopping = new AbortController();
    const outcome = own.switchChain(config, stopping.signal);
    await pass(10);
    return { outcome, stopping, own };
  }
  const moves = () => {
    wallet.script.eth_chainId = "0x7A69";
    return null;
  };
  const refuse = (error: unknown) => () => Promise.reject(error);
  const adds = { wallet_addEthereumChain: moves };

  test.each<[string, Record<string, Answer>, unknown]>([
    ["moves, without an event", { wallet_switchEthereumChain: moves }, null],
    ["4902, added", { wallet_switchEthereumChain: refuse(stranger), ...adds }, null],
    [
      "4902 inside",
      { wallet_switchEthereumChain: refuse({ code: -32603, data: { originalError: stranger } }), ...adds },
      null,
    ],
    [
      "4902 in words",
      { wallet_switchEthereumChain: refuse({ code: -32603, message: "Unrecognized chain ID" }), ...adds },
      null,
    ],
    ["says yes, stays", { wallet_switchEthereumChain: null }, { kind: "by-hand", chainId: 31337 }],
    ["no such method", { wallet_switchEthereumChain: refuse({ code: 4200 }) }, { kind: "by-hand", chainId: 31337 }],
    ["declined", { wallet_switchEthereumChain: refuse({ code: 4001 }) }, { kind: "declined" }],
    ["busy", { wallet_switchEthereumChain: refuse({ code: -32002, message: "x" }) }, { kind: "waiting" }],
    [
      "adding is declined",
      { wallet_switchEthereumChain: refuse(stranger), wallet_addEthereumChain: refuse("User rejected") },
      { kind: "declined" },
    ],
    [
      "https alone",
      {
        wallet_switchEthereumChain: refuse(stranger),
        wallet_addEthereumChain: refuse({ code: -32602, message: "Expected a valid string HTTPS url" }),
      },
      { kind: "https", chainId: 31337 },
    ],
  ])("%s", async (_, script, expected) => {
    const { outcome } = await go(script);
    expect(await outcome).toEqual(expected);
  });

  test("never answers: given up at once", async () => {
    const { outcome, stopping } = await go({ wallet_switchEthereumChain: NEVER });
    stopping.abort();
    expect(await outcome).toBe(null);
  });
});

describe("wallets are found", () => {
  test("two of one rdns are two, and the right one is used and remembered", async () => {
    const own = await load();
    announce(wallet, "Main", "a.wallet", "1");
    announce(other, "Flask", "a.wallet", "2");
    announce(new Scripted(), "Main", "a.wallet", "3");
    expect(own.list().map(({ id }) => id)).toEqual(["a.wallet|Main", "a.wallet|Flask", "a.wallet|Main#2"]);
    await own.connect(own.named("Flask"));
    expect(own.state()).toMatchObject({ address: TWO });
    expect(kept.get("livestream-rooms.wallet")).toBe("a.wallet|Flask");
  });

  test("in the window beside announced ones, each once", async () => {
    const own = await load();
    announce(wallet, "Main");
    announce(wallet, "Main");
    const old = Object.assign(new Scripted(), { isRabby: true, isMetaMask: true });
    Object.assign(page, { ethereum: { providers: [wallet, old, new Scripted(), new Scripted(), 7] } });
    await pass(3);
    expect(own.list().map(({ name }) => name)).toEqual(["Main", "Rabby", "", ""]);
    expect(new Set(own.list().map(({ id }) => id)).size).toBe(4);
    announce(new Scripted(), "Rabby", "io.rabby");
    expect(own.list().map(({ name }) => name)).toEqual(["Main", "Rabby", "", ""]);
  });

  test("hostile announcements are passed over", async () => {
    const own = await load();
    const tell = (detail: unknown) =>
      page.dispatchEvent(Object.assign(new Event("eip6963:announceProvider"), { detail }));
    const info = { uuid: "1", rdns: "x", name: "x", icon: "" };
    for (const detail of [
      undefined,
      {},
      { info },
      { info, provider: {} },
      { info: null, provider: wallet },
      { info: { ...info, name: 7 }, provider: wallet },
      { info: { ...info, rdns: undefined }, provider: wallet },
      {
        get info() {
          throw new Error("boo");
        },
      },
    ]) {
      tell(detail);
    }
    expect(own.list()).toEqual([]);
    announce(wallet, "A\u202e\n", "x", "9", 7);
    expect(own.list()).toMatchObject([{ name: "A", icon: null }]);
    announce(new Scripted(), "B", "x", "10", "javascript:alert(1)");
    expect(own.list()[1]).toMatchObject({ icon: null });
    for (let at = 0; at < 5000; at++) announce(new Scripted(), `W${at}`);
    expect(own.list().length).toBeLessThanOrEqual(40);
  });

  test("a window that throws at being looked at", async () => {
    Object.defineProperty(page, "ethereum", {
      get() {
        throw new Error("boo");
      },
    });
    const own = await load();
    announce(wallet);
    await pass(3);
    expect(own.list()).toHaveLength(1);
  });
});
