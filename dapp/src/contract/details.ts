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
