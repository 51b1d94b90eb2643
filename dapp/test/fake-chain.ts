/** A chain as its node tells it, and logs of our contract on it. */
import { encodeAbiParameters, encodeEventTopics, type Hex, zeroAddress } from "viem";
import { sleep } from "../src/base/time";
import { abi } from "../src/contract/abi";
import type { EventName, Log } from "../src/contract/events";
import { type RpcRequest, Unreachable } from "../src/contract/rpc";

export const ME = "0x1111111111111111111111111111111111111111";
export const CONTRACT = "0xcccccccccccccccccccccccccccccccccccccccc";
export const HASH: Hex = `0x${"01".repeat(32)}`;

/** A log of the contract, as a node gives it; `actor`: who acted. */
export function log(name: EventName, args: Record<string, unknown>, actor: Hex = ME): Log {
  const event = abi.find((item) => item.type === "event" && item.name === name) as Extract<
    (typeof abi)[number],
    { type: "event" }
  >;
  const plain = Object.fromEntries(event.inputs.map((input) => [input.name, defaultOf(input.type)]));
  const all: Record<string, unknown> = { ...plain, seq: 1, actor, timestamp: 1, roomId: 7n, ...args };
  const inputs = event.inputs.filter((input) => !("indexed" in input));
  const values = inputs.map((input) => all[input.name]);
  return {
    address: CONTRACT,
    topics: encodeEventTopics({ abi: [event], args: all } as never) as string[],
    data: encodeAbiParameters(inputs, values as never),
    blockNumber: "0x0",
    blockHash: HASH,
    transactionHash: HASH,
    logIndex: "0x0",
  };
}

const defaultOf = (type: string): unknown =>
  type === "address"
    ? zeroAddress
    : type === "string"
      ? ""
      : type.startsWith("bytes")
        ? `0x${"00".repeat(Number(type.slice(5)))}`
        : type === "uint256"
          ? 0n
          : 0;

/** What a node knows, and how it answers. */
export class FakeChain {
  head = 100;
  nonce = { latest: 5, pending: 5 };
  receipts = new Map<string, { status: string; logs: Log[] }>();
  pool = new Map<string, { nonce: string }>();
  logs: { block: number; log: Log }[] = [];
  away = false;
  slowMs = 0;
  asked: string[] = [];

  read: RpcRequest = async (method, params = [], signal) => {
    signal?.throwIfAborted();
    this.asked.push(method);
    if (this.away) throw new Unreachable(method);
    if (this.slowMs > 0) await sleep(this.slowMs);
    const [first, tag] = params as [string, "latest" | "pending"];
    if (method === "eth_blockNumber") return `0x${this.head.toString(16)}`;
    if (method === "eth_call") return "0x";
    if (method === "eth_getTransactionCount") return `0x${this.nonce[tag].toString(16)}`;
    if (method === "eth_getTransactionReceipt") return this.receipts.get(first) ?? null;
    if (method === "eth_getTransactionByHash") return this.pool.get(first) ?? null;
    const { fromBlock, toBlock, topics } = params[0] as { fromBlock: Hex; toBlock: Hex; topics: (string | null)[] };
    const found = this.logs.filter(({ block }) => block >= Number(fromBlock) && block <= Number(toBlock));
    const fits = (one: Log) => topics.every((topic, at) => topic === null || one.topics[at] === topic);
    return found.map((one) => one.log).filter(fits);
  };

  /** A block with a transaction of ours, by whatever hash it came. */
  mine(hash: string, logs: Log[], status = "0x1"): void {
    this.head += 1;
    this.nonce.latest += 1;
    this.nonce.pending = this.nonce.latest;
    this.pool.set(hash, { nonce: `0x${(this.nonce.latest - 1).toString(16)}` });
    this.receipts.set(hash, { status, logs });
    for (const one of logs) this.logs.push({ block: this.head, log: one });
  }

  /** Waits in the pool. */
  hold(hash: string): void {
    this.pool.set(hash, { nonce: `0x${this.nonce.pending.toString(16)}` });
    this.nonce.pending += 1;
  }
}
