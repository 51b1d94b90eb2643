/**
 * What a wallet says of itself: which account, which chain.
 *
 * Promises: its events make it quick, a slow question of our own makes it true (events are lost when
 * an extension restarts). An answer counts however late it comes, but never after a newer one.
 * Silence is no news. Nobody is asked in a hidden tab, nor while no page of a host is open.
 * Assumes: `setTimeout` alone, so that tests may own the time.
 */
import { type Address, sameHex } from "../base/hex";
import { meaningOf } from "../contract/refusals";
import { chainNumber, chainOf, firstAccount, type Provider, type RpcRequest } from "../contract/rpc";

export interface Seen {
  /** Null: it gives none, so it is locked, or this page is not allowed. Undefined: not known yet. */
  address: Address | null | undefined;
  chainId: number | undefined;
}

const EVERY_MS = 7_000;
const SOON_MS = 2_000;
const SILENCE_MS = 4_000; // then it is asked again, beside the question that hangs
const MOST_SILENCE_MS = 30_000;

let hosts = 0;
const watches = new Set<Watch>();

/** Called by each page that needs a wallet, and undone when it is left. */
export function attend(): () => void {
  hosts += 1;
  if (hosts === 1) askAll();
  return () => {
    hosts -= 1;
  };
}

const isSeen = () => document.visibilityState !== "hidden";

function askAll(): void {
  if (isSeen()) for (const watch of watches) watch.ask();
}

export class Watch {
  readonly seen: Seen = { address: undefined, chainId: undefined };
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;
  /** Of the newest answer or event, so that none before it counts. */
  private heard = { address: 0, chainId: 0 };
  private silent = 0; // questions in a row without any answer
  private stopped = false;
  private readonly listeners: [string, (told: unknown) => void][] = [
    ["accountsChanged", (told) => this.take("address", firstAccount(told), ++this.asked)],
    ["chainChanged", (told) => this.takeChain(chainNumber(told), ++this.asked)],
    ["connect", () => this.ask()],
    ["disconnect", () => this.ask()],
  ];

  constructor(
    private readonly provider: Provider,
    private readonly request: RpcRequest,
    /** Something became known that was not. */
    private readonly tell: () => void,
    /** Whether its answer is awaited, and not just news. */
    private readonly awaited: () => boolean,
  ) {
    watches.add(this);
    for (const [event, listener] of this.listeners) attempt(() => provider.on?.(event, listener as never));
    if (watches.size === 1) {
      document.addEventListener("visibilitychange", askAll);
      window.addEventListener("focus", askAll);
    }
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    watches.delete(this);
    for (const [event, listener] of this.listeners) {
      attempt(() => this.provider.removeListener?.(event, listener as never));
    }
    if (watches.size === 0) {
      document.removeEventListener("visibilitychange", askAll);
      window.removeEventListener("focus", askAll);
    }
  }

  /** Its answer to a request for its accounts. */
  accounts(told: unknown): void {
    this.take("address", firstAccount(told), ++this.asked);
  }

  /** Asks for both, now, and again after a while. */
  ask(): void {
    if (this.stopped) return;
    const turn = ++this.asked;
    let open = 2;
    const done = () => {
      open -= 1;
      if (open === 0) this.silent = 0;
    };
    this.request("eth_accounts")
      .then((told) => this.take("address", firstAccount(told), turn))
      .catch((error) => meaningOf(error) === "unauthorized" && this.take("address", null, turn))
      .finally(done);
    chainOf(this.request)
      .then((told) => this.takeChain(told, turn))
      .catch(() => {
        // asked again
      })
      .finally(done);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(open === 0), this.awaited() ? SOON_MS : SILENCE_MS);
  }

  /** After a question: when to ask the next one. */
  private look(answered: boolean): void {
    if (!answered) this.silent += 1;
    const growing = Math.min(MOST_SILENCE_MS, SILENCE_MS * 2 ** this.silent);
    const wait = this.awaited() ? 0 : answered ? EVERY_MS - SILENCE_MS : growing;
    this.timer = setTimeout(() => this.turn(), wait);
  }

  private turn(): void {
    if (isSeen() && (hosts > 0 || this.awaited())) this.ask();
    else this.timer = setTimeout(() => this.turn(), EVERY_MS);
  }

  private takeChain(chainId: number, turn: number): void {
    if (!Number.isNaN(chainId)) this.take("chainId", chainId, turn);
  }

  private take<K extends keyof Seen>(what: K, told: Seen[K], turn: number): void {
    if (this.stopped || turn < this.heard[what]) return;
    this.heard[what] = turn;
    const before = this.seen[what];
    // the same account with its letters in another case is no change
    if (before === told) return;
    if (typeof before === "string" && typeof told === "string" && sameHex(before, told)) return;
    this.seen[what] = told;
    this.tell();
  }
}

/** A wallet that throws at being listened to is one without events. */
function attempt(what: () => void): void {
  try {
    what();
  } catch {
    // the slow question remains
  }
}
