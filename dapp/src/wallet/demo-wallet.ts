/**
 * A wallet for the local chain (31337) alone: a key of this browser's own, in plain storage, worth
 * nothing anywhere; its money comes from the local node. It answers as any EIP-1193 wallet does, so
 * that the rest of the page cannot tell.
 */
import type { Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { recall, remember } from "../base/storage";
import { ETHER, GWEI } from "../base/units";
import { overHttp, type Provider, quantity } from "../contract/rpc";

const LOCAL_CHAIN = 31337;
const PLENTY = 10n * ETHER;
const LITTLE = ETHER;
const NEW_SLOT = 22_100n; // gas: an event before the call may make it begin a slot of storage

interface Wanted {
  to: Hex;
  data: Hex;
  value?: Hex;
}

export async function demoProvider(rpc: string, chainId: number): Promise<Provider> {
  if (chainId !== LOCAL_CHAIN) throw new Error("the demo wallet is for the local chain only");
  const kept = recall("demo-key") as Hex | null;
  const key = kept ?? generatePrivateKey();
  if (kept === null) remember("demo-key", key);
  const account = privateKeyToAccount(key);
  const node = overHttp(rpc);

  async function fund(): Promise<void> {
    const balance = BigInt((await node("eth_getBalance", [account.address, "latest"])) as Hex);
    if (balance < LITTLE) await node("anvil_setBalance", [account.address, quantity(PLENTY)]);
  }

  async function send({ to, data, value = "0x0" }: Wanted): Promise<unknown> {
    const about = { from: account.address, to, data, value };
    const [nonce, gas, block] = await Promise.all([
      node("eth_getTransactionCount", [account.address, "pending"]),
      node("eth_estimateGas", [about]),
      node("eth_getBlockByNumber", ["latest", false]),
    ]);
    const base = BigInt((block as { baseFeePerGas?: Hex }).baseFeePerGas ?? "0x0");
    const signed = await account.signTransaction({
      type: "eip1559",
      chainId,
      to,
      data,
      value: BigInt(value),
      nonce: Number(nonce),
      gas: (BigInt(gas as Hex) * 12n) / 10n + NEW_SLOT,
      maxFeePerGas: 2n * base + GWEI,
      maxPriorityFeePerGas: GWEI,
    });
    return node("eth_sendRawTransaction", [signed]);
  }

  return {
    async request({ method, params }) {
      switch (method) {
        case "eth_requestAccounts":
          await fund();
          return [account.address];
        case "eth_accounts":
          return [account.address];
        case "wallet_switchEthereumChain":
          return null;
        case "eth_sendTransaction":
          await fund();
          return send((params as [Wanted])[0]);
        case "eth_signTypedData_v4":
          return account.signTypedData(JSON.parse(String((params as unknown[])[1])));
        case "personal_sign":
          return account.signMessage({ message: { raw: (params as [Hex])[0] } });
        default:
          return node(method, params as unknown[] | undefined);
      }
    },
  };
}
