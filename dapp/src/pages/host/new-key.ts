/** Makes and keeps a key before the call that names it. */
import type { Room } from "../../api/types";
import type { Call } from "../../contract/calls";
import { Failed } from "../../contract/failures";
import { newKey } from "../../sealing/keys";
import type { Host } from "../../wallet/use-host";

export async function withNewKey(host: Host, room: Room, call: (key: `0x${string}`) => Call): Promise<Call> {
  if (host.config === null) throw new Failed({ kind: "unreachable" });
  try {
    const about = { chainId: host.config.chain_id, contract: room.contract, draft: null };
    return call((await newKey(about)).publicKey);
  } catch {
    throw new Failed({ kind: "keys" });
  }
}
