/**
 * What becomes of a call that a wallet was asked for.
 *
 * Promises: told by its effect, so that a hash that was replaced, belongs to a Safe or was never told makes
 * no difference; told as failed only where that is sure or nothing else explains the chain. While neither is known,
 * it says what is known (`Doubt`) and asks on; a node that is away for a while ends nothing.
 * Assumes: `Date.now` and `setTimeout` alone, so that tests may own the time.
 */
import { Backoff, sleep } from "../base/time";
import { type Begun, begunAt, onBegun, slotOf } from "./begun";
import { lookFor, shownIn } from "./effects";
import type { ChainEvent, Log } from "./events";
import { Failed } from "./failures";
import { nonceOf, type RpcRequest, Unreachable } from "./rpc";

/** Why it takes so long; what a person may do depends on it. */
type Doubt =
  /** The node is not answering. */
  | "away"
  /** The wallet gave no answer here, and nothing shows that it sent anything. */
  | "asked"
  /** The wallet gave no answer here, but the account has sent something since. */
  | "perhaps"
  /** The node does not know the hash: a Safe's, or dropped. */
  | "unseen"
  /** The node knows it, and it is not mined. */
  | "long";

export type TransactionStep =
  | { at: "checking" }
  /** `waiting`: for so long that the person must look at the wallet. */
  | { at: "signing"; waiting: boolean }
  | { at: "sent"; doubt: Doubt | null };

export interface FollowContext {
  read: RpcRequest;
  tell: (step: TransactionStep) => void;
  signal: AbortSignal;
}

const AWAY_MS = 6_000;
const UNSEEN_MS = 20_000;
const LONG_MS = 60_000;
const SIGNING_MS = 4_000;
const PATIENT_MS = 300_000; // then it may take days
const PATIENT_EVERY_MS = 15_000;
const LOOKS = 3; // that agree, since a node may be behind another one
const SURE_MS = 12_000;
const SUPPOSED_MS = 60_000; // where the nonce is a guess
const FULL_EVERY = 2; // looks; the others ask for the receipt alone

/**
 * The event that shows its effect. Throws `Failed` if there will be none. `asking`: whether the wallet's
 * answer may still come in this tab.
 */
export function follow(
  context: FollowContext,
  record: Begun,
  asking: () => boolean = () => false,
): Promise<ChainEvent> {
  return new Follower(context, record, asking).run();
}

class Follower {
  private readonly backoff = new Backoff(400, 4_000);
  private readonly startedAt = Date.now();
  private turn = 0;
  private told = "";
  /** The transaction's own nonce, once the node knew its hash. */
  private nonce: number | null = null;
  /** Since when the node does not know the hash. */
  private unseenAt: number | null = null;
  private failingAt: number | null = null;
  /** Looks that found its nonce used, or its receipt without the effect, and since when. */
  private against: { looks: number; since: number } | null = null;
  /** Whether the account has sent something since; null: not looked yet. */
  private perhaps: boolean | null = null;

  constructor(
    private readonly context: FollowContext,
    private record: Begun,
    private readonly asking: () => boolean,
  ) {}

  async run(): Promise<ChainEvent> {
    const { signal } = this.context;
    for (;;) {
      const gone = this.renew();
      try {
        const found = await this.look(gone);
        this.failingAt = null;
        if (found !== null) return found;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof Failed) throw error;
        this.failingAt ??= Date.now();
      }
      if (gone && this.failingAt === null) throw new Failed({ kind: "stopped" });
      // an answer that came during the look makes what it found old
      if (!gone && this.changed()) continue;
      this.say();
      await this.pause();
    }
  }

  /** Another tab, or a late answer, may have changed what is kept. True: it was dropped. */
  private renew(): boolean {
    const kept = begunAt(slotOf(this.record));
    if (kept?.id !== this.record.id) return true;
    if (kept.hash !== this.record.hash) this.turn = 0;
    this.record = kept;
    return false;
  }

  private changed(): boolean {
    const kept = begunAt(slotOf(this.record));
    return kept?.id !== this.record.id || kept.hash !== this.record.hash;
  }

  private async look(whole: boolean): Promise<ChainEvent | null> {
    const { read, signal } = this.context;
    const { record } = this;
    const full = whole || record.hash === null || this.against !== null || this.turn++ % FULL_EVERY === 0;
    const receipt = record.hash === null ? null : await this.ask<Receipt>("eth_getTransactionReceipt", record.hash);
    if (receipt !== null) {
      if (BigInt(receipt.status) === 0n) throw new Failed({ kind: "revert", name: "Reverted", args: [] });
      const shown = shownIn(receipt.logs, record);
      if (shown !== null) return shown;
    }
    if (!full && receipt === null) return null;
    const shown = await lookFor(read, record, signal);
    if (shown !== null) return shown;
    if (record.hash !== null && receipt === null) await this.identify(record.hash);
    const used = (await this.count("latest")) > (this.nonce ?? record.nonce);
    if (record.hash === null) this.perhaps = used || (await this.count("pending")) > record.nonce;
    this.conclude(used, receipt !== null);
    return null;
  }

  /** Whether the node knows the transaction, and by which nonce. */
  private async identify(hash: string): Promise<void> {
    const found = await this.ask<{ nonce: string }>("eth_getTransactionByHash", hash);
    if (found === null) {
      this.unseenAt ??= Date.now();
    } else {
      this.unseenAt = null;
      this.nonce = Number(found.nonce);
    }
  }

  /** Ends the wait where enough looks in a row speak against it. */
  private conclude(used: boolean, mined: boolean): void {
    if (!(used || mined) || this.asking()) {
      this.against = null;
      return;
    }
    this.against ??= { looks: 0, since: Date.now() };
    this.against.looks += 1;
    const sure = mined || this.nonce !== null;
    const passed = Date.now() - this.against.since;
    if (this.against.looks < LOOKS || passed < (sure ? SURE_MS : SUPPOSED_MS)) return;
    throw new Failed({ kind: sure ? "replaced" : "lost" });
  }

  private doubt(): Doubt | null {
    const now = Date.now();
    if (this.failingAt !== null && now - this.failingAt >= AWAY_MS) return "away";
    if (this.record.hash === null) return this.perhaps === null ? null : this.perhaps ? "perhaps" : "asked";
    if (this.unseenAt !== null && now - this.unseenAt >= UNSEEN_MS) return "unseen";
    return now - this.startedAt >= LONG_MS ? "long" : null;
  }

  private say(): void {
    const signing = this.record.hash === null && this.asking();
    const step: TransactionStep = signing
      ? { at: "signing", waiting: Date.now() - this.startedAt >= SIGNING_MS }
      : { at: "sent", doubt: this.doubt() };
    const text = JSON.stringify(step);
    if (text === this.told) return;
    this.told = text;
    this.context.tell(step);
  }

  /** Until the next look; shorter if what is kept changes. */
  private async pause(): Promise<void> {
    const { signal } = this.context;
    const changed = new AbortController();
    const off = onBegun(() => {
      if (this.changed()) changed.abort();
    });
    try {
      const passed = Date.now() - this.startedAt;
      const own = passed < PATIENT_MS ? this.backoff.take() : PATIENT_EVERY_MS;
      await sleep(
        passed < SIGNING_MS ? Math.min(own, SIGNING_MS - passed) : own,
        AbortSignal.any([signal, changed.signal]),
      );
    } catch {
      signal.throwIfAborted();
      this.backoff.reset();
    } finally {
      off();
    }
  }

  private count(tag: "latest" | "pending"): Promise<number> {
    return nonceOf(this.context.read, this.record.account, tag, this.context.signal);
  }

  /** What the node has of a hash; a node that refuses such a hash has nothing. */
  private async ask<T>(method: string, hash: string): Promise<T | null> {
    try {
      return (await this.context.read(method, [hash], this.context.signal)) as T | null;
    } catch (error) {
      if (error instanceof Unreachable || this.context.signal.aborted) throw error;
      return null;
    }
  }
}

interface Receipt {
  status: string;
  logs: Log[];
}
