/**
 * What each refusal of the playback service leaves to do. The words are the catalogue's (`i18n/en-private.ts`);
 * the names are the slugs of the service's problem documents, and "lost": held once, and no longer.
 */
import { ApiError } from "../api/client";

const REFUSALS = {
  "session-invalid": { forgets: "session" },
  "session-over": { forgets: "session" },
  "origin-refused": {},
  "proof-invalid": {},
  "nonce-used": {},
  // a token may come back: the session shows whose it is, without a new signature
  "not-a-holder": { again: true },
  lost: { again: true },
  "invitation-malformed": { forgets: "both" },
  "invitation-invalid": { forgets: "both" },
  "invitation-early": { again: true },
  "invitation-over": { forgets: "both" },
  "invitation-revoked": { forgets: "both" },
  "host-changed": { forgets: "both" },
  "host-must-return": { again: true },
  "opened-elsewhere": { forgets: "session" },
  "seats-taken": { again: true },
  "door-closed": { again: true },
  "seat-removed": { forgets: "session" },
  "link-waits": { again: true },
  "room-unknown": { again: true },
  "other-operator": {},
  // what is known of the room is about to change: by itself
  "room-public": { again: true },
  "room-ended": { again: true },
  other: { again: true },
} satisfies Record<string, Consequence>;

interface Consequence {
  /** Asked again by the page itself, slowly: it may end without anything that the viewer does. */
  again?: true;
  /** What is of no use any more. */
  forgets?: "session" | "both";
}

type RefusalName = keyof typeof REFUSALS;

export interface Refused {
  name: RefusalName;
  /** Unix seconds from when an invitation holds; null: that is not the reason. */
  from: number | null;
}

export const consequence = ({ name }: Refused): Consequence => REFUSALS[name];

/** Why the service cannot answer now. */
export type Away = "unreachable" | "crowded" | "node" | "broken";

/** What `error` means: an answer that refuses, or none that counts. */
export function meaningOf(error: unknown): Refused | Away {
  const { status, slug, said } = error instanceof ApiError ? error : new ApiError(0, "");
  if (slug === "node-unavailable") return "node";
  if (status === 429) return "crowded";
  if (status >= 500) return "broken";
  if (status < 400) return "unreachable";
  const lost = slug === "not-a-holder" && said.had === true;
  const name = lost ? "lost" : Object.hasOwn(REFUSALS, slug) ? (slug as RefusalName) : "other";
  return { name, from: typeof said.from === "number" ? said.from : null };
}
