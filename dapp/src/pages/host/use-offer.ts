/** Under what terms a room can be created now. */
import type { Config } from "../../api/types";
import { Failed } from "../../contract/failures";
import { isWorse, type Offer, obstacleOf, readOffer } from "../../contract/offer";
import type { CallTarget } from "../../contract/views";
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
  const ask = (at: CallTarget) => readOffer(at, account, withPlayback(config));
  const reading = useReading(host, contract, ask, `${account} ${turn}`);

  async function insist() {
    const shown = reading.found;
    if (contract === null || read === null || shown === null) throw new Failed({ kind: "unreachable" });
    const now = await ask({ request: read, contract });
    const { operatorId } = now;
    const obstacle = obstacleOf(now);
    if (obstacle !== null) throw new Failed({ kind: "revert", ...obstacle });
    if (operatorId === null || isWorse(now, shown)) throw new Failed({ kind: "dearer" });
    return { ...now, operatorId };
  }

  return { ...reading, insist };
}

/** The operators with a playback service, which lets viewers into rooms for some only. */
const withPlayback = (config: Config | null): ReadonlySet<number> =>
  new Set(Object.keys(config?.playback_services ?? {}).map(Number));
