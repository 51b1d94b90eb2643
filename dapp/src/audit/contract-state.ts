/** What the contract says of itself, read at one block: the newest, or the one that is asked for. */
import { zeroAddress } from "viem";
import { isZero } from "../base/hex";
import { commitment } from "../contract/history";
import { chainOf, headOf, quantity, type RpcRequest } from "../contract/rpc";
import { type Operator, type Terms, view } from "../contract/views";

export interface ContractState {
  block: number;
  owner: string;
  paused: boolean;
  retired: boolean;
  /** Where hosts go on, by the owner's word alone; null: nowhere. */
  successor: string | null;
  rooms: bigint;
  events: bigint;
  history: string;
  currentTerms: number;
  operators: { id: number; operator: Operator }[];
  terms: { id: number; terms: Terms }[];
}

const MOST = 50; // operators or terms that are shown

export async function readContractState(
  request: RpcRequest,
  chainId: number,
  contract: string,
  signal: AbortSignal,
  asked: number | null,
): Promise<ContractState> {
  if ((await chainOf(request, signal)) !== chainId) throw new Error("another chain");
  const block = asked ?? (await headOf(request, signal));
  const at = { request, contract, block: quantity(block), signal };
  const [owner, offer, rooms, history, operators] = await Promise.all([
    view(at, "owner", []),
    view(at, "creation", [0, zeroAddress]),
    view(at, "roomCount", []),
    view(at, "history", []),
    view(at, "operatorCount", []),
  ]);
  return {
    block,
    owner,
    paused: offer.paused,
    retired: offer.retired,
    successor: isZero(offer.successor) ? null : offer.successor,
    rooms,
    events: history[0],
    history: commitment(history[1]),
    currentTerms: offer.termsId,
    operators: await Promise.all(
      newest(operators).map(async (id) => ({ id, operator: await view(at, "operator", [id]) })),
    ),
    terms: await Promise.all(newest(offer.termsId).map(async (id) => ({ id, terms: await view(at, "terms", [id]) }))),
  };
}

const newest = (last: number) => Array.from({ length: Math.min(last, MOST) }, (_, before) => last - before);
