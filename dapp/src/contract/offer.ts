/**
 * Under what terms a host can create a room now, by the contract's one view for it (`creation`), and who pays.
 * Read at `latest`: an index may be behind what the host did a moment ago. Pure but for `readOffer`.
 */
import { type Hex, zeroAddress } from "viem";
import { isZero } from "../base/hex";
import { ranked } from "./operator-choice";
import { type CallTarget, type Terms, view } from "./views";

export interface Offer {
  termsId: number;
  terms: Terms;
  paused: boolean;
  /** No room can be created any more; the owner may have named a successor, which nobody follows by itself. */
  retired: boolean;
  successor: string | null;
  /** Who gets a room for everybody: of those that take new rooms the host's own; null: none does. */
  operatorId: number | null;
  /** Who gets a room for some only: of those with a playback service, too; null: none can. */
  privateOperatorId: number | null;
  /** What the contract owes the host: it pays first. */
  credit: bigint;
  openRooms: bigint;
}

/**
 * `host` null: not known yet, so nothing is owed and nothing is open. `withPlayback`: the operators that have a
 * playback service. Operators are asked in the host's order, no more of them than it takes.
 */
export async function readOffer(
  at: CallTarget,
  host: string | null,
  withPlayback: ReadonlySet<number>,
): Promise<Offer> {
  const who = (host ?? zeroAddress) as Hex;
  const ask = (id: number) => view(at, "creation", [id, who]);
  const count = await view(at, "operatorCount", []);
  let found: Awaited<ReturnType<typeof ask>> | null = null;
  const chosen: Pick<Offer, "operatorId" | "privateOperatorId"> = { operatorId: null, privateOperatorId: null };
  for (const id of ranked(
    who,
    Array.from({ length: count }, (_, index) => index + 1),
  )) {
    if (chosen.operatorId !== null && !withPlayback.has(id)) continue;
    found = await ask(id);
    if (!found.accepting) continue;
    chosen.operatorId ??= id;
    if (!withPlayback.has(id)) continue;
    chosen.privateOperatorId = id;
    break;
  }
  const { termsId, terms, paused, retired, successor, credit, openRooms } = found ?? (await ask(0));
  return {
    ...{ termsId, terms, paused, retired, ...chosen },
    successor: isZero(successor) ? null : successor,
    credit: host === null ? 0n : credit,
    openRooms: host === null ? 0n : openRooms,
  };
}

export interface Payment {
  price: bigint;
  fromWallet: bigint;
  fromBalance: bigint;
}

export function paymentOf({ terms, credit }: Offer): Payment {
  const price = terms.deposit + terms.fee;
  const fromBalance = credit < price ? credit : price;
  return { price, fromWallet: price - fromBalance, fromBalance };
}

/** Why no room can be created, as the contract would say it: the error's name and its arguments. */
export function obstacleOf(offer: Offer): { name: string; args: readonly unknown[] } | null {
  if (offer.retired) return { name: "RegistryRetired", args: [offer.successor] };
  if (offer.paused) return { name: "CreationPaused", args: [] };
  if (offer.operatorId === null) return { name: "OperatorNotAccepting", args: [] };
  const most = offer.terms.maxOpenRooms;
  return offer.openRooms >= BigInt(most) ? { name: "TooManyOpenRooms", args: [null, most] } : null;
}

/** Whether the host must be asked again: it costs more than was shown, or gives less. */
export function isWorse(now: Offer, shown: Offer): boolean {
  const [ours, theirs] = [now.terms, shown.terms];
  return (
    ours.deposit > theirs.deposit ||
    ours.fee > theirs.fee ||
    ours.maxRoomSeconds < theirs.maxRoomSeconds ||
    paymentOf(now).fromWallet > paymentOf(shown).fromWallet
  );
}
