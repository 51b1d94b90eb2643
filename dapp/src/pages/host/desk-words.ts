/** Why the playback service does not serve a host now, in words. */
import type { ApiError } from "../../api/client";
import type { ClassCatalogue } from "../../i18n/class";

type Word = keyof Omit<ClassCatalogue["classList"]["refused"], "other">;

const WORDS: Record<string, Word> = {
  "proof-invalid": "clock",
  "nonce-used": "clock",
  "session-invalid": "clock",
  "session-over": "clock",
  "invitation-early": "clock",
  "invitation-malformed": "clock",
  malformed: "clock",
  "origin-refused": "origin",
  "not-the-host": "host",
  "host-changed": "host",
  "invitation-invalid": "host",
  "room-unknown": "unknown",
  "not-found": "unknown",
  "other-operator": "operator",
  "room-pending": "pending",
  "room-ended": "ended",
  "invitation-over": "withdrawn",
  "invitation-revoked": "withdrawn",
};

export function deskWords(t: ClassCatalogue, { status, slug }: ApiError): string {
  const { refused } = t.classList;
  const word = Object.hasOwn(WORDS, slug) ? WORDS[slug] : undefined;
  if (word !== undefined) return refused[word];
  if (status === 429) return refused.limited;
  if (status >= 500) return refused.busy;
  return status < 400 ? refused.away : refused.other(slug === "" ? String(status) : slug);
}
