/**
 * Shows the playback service whose wallet this is: the wallet signs a text that the service wrote. No
 * transaction, whatever chain the wallet is on.
 */
import { type Address, toHex } from "../base/hex";
import type { RpcRequest } from "../contract/rpc";
import { signatureOf } from "../wallet/use-signature";
import type { PlaybackService, Proof } from "./client";

/**
 * Asks the wallet, which may take as long as the person does. `asked`: it is the wallet's turn. Throws what
 * the service or the wallet throws; `signal` gives it up, and a late answer of the wallet is ignored.
 */
export async function signIn(
  service: PlaybackService,
  room: string,
  wallet: { request: RpcRequest; address: Address },
  asked: () => void,
  signal: AbortSignal,
): Promise<Proof> {
  const { nonce, message } = await service.challenge(room, wallet.address, signal);
  asked();
  const text = toHex(new TextEncoder().encode(message));
  const told = await wallet.request("personal_sign", [text, wallet.address], signal);
  signal.throwIfAborted();
  return { wallet: { nonce, signature: signatureOf(told) } };
}
