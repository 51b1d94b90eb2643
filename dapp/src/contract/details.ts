/** A room's details as `describeRoom` takes them: JSON of the texts that are told, in as few bytes as may be. */
export interface Description {
  about: string;
  lang: string;
  class: string;
}

export const MAX_DETAILS_BYTES = 1024;

export function detailsOf({ about, lang, class: name }: Description): string {
  const told = Object.entries({ about, lang, class: name }).filter(([, text]) => text !== "");
  return told.length === 0 ? "" : JSON.stringify(Object.fromEntries(told));
}

/** The class that a room belongs to, as invitations name it; null: none, or only a name for people. */
export const classIdOf = (name: string | null | undefined): string | null =>
  /^[0-9a-f]{16}$/.test(name ?? "") ? (name ?? null) : null;
