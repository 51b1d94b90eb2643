/** Under what terms a room can be created now. */
import { Failed } from "../../contract/failures";
import { isWorse, type Offer, obstacleOf, readOffer } from "../../contract/offer";
import type { Host } from "../../wallet/use-host";
import { type Reading, useReading } from "./use-reading";

export interface OfferReading extends Reading<Offer> {
  /** What it is at this moment. Fails where no room can be created, or where it is worse than what the host saw. */
  insist: () => Promise<Offer & { operatorId: number }>;
}

/** `turn`: it is read anew when this changes. */
export function useOffer(host: Host, turn: string): OfferReading {
  const { config, read, session } = host;
  const account = session.kind === "ready" ? session.address : null;
  const contract = config?.contract ?? null;
  const reading = useReading(host, contract, (at) => readOffer(at, account), `${account} ${turn}`);

  async function insist() {
    const shown = reading.found;
    if (contract === null || read === null || shown === null) throw new Failed({ kind: "unreachable" });
    const now = await readOffer({ request: read, contract }, account);
    const { operatorId } = now;
    const obstacle = obstacleOf(now);
    if (obstacle !== null) throw new Failed({ kind: "revert", ...obstacle });
    if (operatorId === null || isWorse(now, shown)) throw new Failed({ kind: "dearer" });
    return { ...now, operatorId };
  }

  return { ...reading, insist };
}
