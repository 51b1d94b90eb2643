/**
 * The wallet in use. Promises: remembered over reloads and locks, until the person disconnects it;
 * follows the wallet's own changes of account and chain; refusing in the wallet leaves everything as
 * it was. A wallet that is silent holds up nothing: a resume is over after some seconds, a request by
 * `cancel`, another wallet may be chosen at any moment, and an answer that comes late is taken up.
 */
import { type Address, sameHex } from "../base/hex";
import { recall, remember } from "../base/storage";
import { store } from "../base/store";
import { Failed, type Failure, failureOf } from "../contract/failures";
import { meaningOf } from "../contract/refusals";
import { firstAccount, overProvider, type RpcRequest } from "../contract/rpc";
import { account } from "./account";
import { type Wallet, wallets } from "./discovery";
import { Watch } from "./watch";

export type Session =
  /** No wallet was chosen, or none that is here. */
  | { kind: "none" }
  /** Asked for its account; `waiting`: for so long that the person must look at the wallet. */
  | { kind: "connecting"; wallet: Wallet; waiting: boolean }
  /** `address` may change to another account at any time. */
  | { kind: "ready"; wallet: Wallet; request: RpcRequest; address: Address; chainId: number }
  /** Gives no account now: locked, or silent. `address` was its last; ready again by itself. */
  | { kind: "locked"; wallet: Wallet; address: Address };

export const session = store<Session>({ kind: "none" });

/** After so long without an answer a person is told to look at the wallet. */
export const WALLET_PATIENCE_MS = 4_000;

/** A wallet that is followed. */
interface Bond {
  wallet: Wallet;
  /** Null until its provider is there. */
  link: { request: RpcRequest; watch: Watch } | null;
  /** It had its time to say who it is. */
  late: boolean;
  stopped: boolean;
}

/** The person's own choice, until the wallet answers. */
interface Choice {
  bond: Bond;
  waiting: boolean;
  end(failure: Failure | null): void;
}

let bond: Bond | null = null;
let choice: Choice | null = null;

/** Asks a wallet for its account. Answers a failure; null if it is connected, or no longer wanted. */
export function connect(wallet: Wallet): Promise<Failure | null> {
  cancel();
  return new Promise((resolve) => {
    const mine: Choice = {
      bond: { wallet, link: null, late: false, stopped: false },
      waiting: false,
      end(failure) {
        clearTimeout(timer);
        if (choice === mine) choice = null;
        if (bond !== mine.bond) stop(mine.bond);
        resolve(failure);
        show();
      },
    };
    const timer = setTimeout(() => wait(mine), WALLET_PATIENCE_MS);
    choice = mine;
    show();
    void request(mine).catch((error) => mine.end(failureOf(error)));
  });
}

async function request(mine: Choice): Promise<void> {
  const link = await open(mine.bond);
  if (link === null) return;
  try {
    const told = await link.request("eth_requestAccounts");
    if (mine.bond.stopped) return;
    if (firstAccount(told) === null) throw new Failed({ kind: "unauthorized" });
    link.watch.accounts(told);
    link.watch.ask();
  } catch (error) {
    if (meaningOf(error) !== "waiting") throw error;
    wait(mine); // it goes on when the earlier question is answered
  }
}

/** From now on its accounts are asked for too: it may have been allowed by another way. */
function wait(mine: Choice): void {
  if (choice !== mine || mine.waiting) return;
  mine.waiting = true;
  mine.bond.link?.watch.ask();
  show();
}

/** No longer waits for a wallet; what it answers later is ignored. */
export function cancel(): void {
  if (choice !== null) choice.end(null);
  else if (bond !== null) {
    bond.late = true;
    show();
  }
}

/** Takes up the wallet of last time, now or when it appears, if it answers without asking the person. */
export function resume(): void {
  wallets.subscribe(takeUp);
  takeUp();
}

function takeUp(): void {
  const wallet = wallets.get().find(({ id }) => id === recall("wallet"));
  if (bond !== null || wallet === undefined) return;
  const mine: Bond = { wallet, link: null, late: false, stopped: false };
  bond = mine;
  setTimeout(() => {
    mine.late = true;
    show();
  }, WALLET_PATIENCE_MS);
  show();
  open(mine).then(
    (link) => link?.watch.ask(),
    () => {
      if (bond === mine) bond = null;
      show();
    },
  );
}

/** The person is done with the wallet: the only way to forget it. */
export function disconnect(): void {
  if (bond !== null) stop(bond);
  bond = null;
  remember("wallet", null);
  account.set(null);
  cancel();
  show();
}

/** Asks the wallet in use at once what it is at. */
export function askAgain(): void {
  bond?.link?.watch.ask();
}

/** Null where it was given up meanwhile. */
async function open(mine: Bond): Promise<Bond["link"]> {
  const provider = await mine.wallet.provider();
  if (mine.stopped) return null;
  const request = overProvider(provider);
  const awaited = () => (mine === choice?.bond ? choice.waiting : !mine.late && readyOf(mine) === null);
  mine.link = { request, watch: new Watch(provider, request, () => heard(mine), awaited) };
  return mine.link;
}

function stop(old: Bond): void {
  old.stopped = true;
  old.link?.watch.stop();
}

/** A wallet said something new of itself. */
function heard(from: Bond): void {
  const { address } = from.link?.watch.seen ?? {};
  if (address === null) from.late = true; // that is an answer
  if (choice !== null && from.wallet.id === choice.bond.wallet.id && readyOf(from) !== null) {
    if (bond !== null && bond !== from) stop(bond);
    bond = from;
    remember("wallet", from.wallet.id);
    choice.end(null);
  }
  show();
}

function readyOf({ wallet, link }: Bond): Session | null {
  const { address, chainId } = link?.watch.seen ?? {};
  if (link === null || !address || chainId === undefined) return null;
  return { kind: "ready", wallet, request: link.request, address, chainId };
}

function stateOf(of: Bond | null): Session {
  if (of === null) return { kind: "none" };
  const ready = readyOf(of);
  if (ready !== null) return ready;
  if (!of.late) return { kind: "connecting", wallet: of.wallet, waiting: false };
  const last = account.get();
  return last === null ? { kind: "none" } : { kind: "locked", wallet: of.wallet, address: last };
}

function show(): void {
  const next: Session =
    choice === null ? stateOf(bond) : { kind: "connecting", wallet: choice.bond.wallet, waiting: choice.waiting };
  if (next.kind === "ready" && !sameHex(account.get(), next.address)) account.set(next.address);
  if (!same(session.get(), next)) session.set(next);
}

const same = (one: Session, other: Session) =>
  one.kind === other.kind &&
  Object.entries(other).every(([name, value]) => (one as Record<string, unknown>)[name] === value);
