/** Names as a host pastes them, and tables as a spreadsheet takes them. */

/** One a line, in their order; two people may have one name. Numbers and bullets that a copied list brings are left out. */
export function namesOf(pasted: string): string[] {
  return pasted
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(/^\s*(?:\d+\s*[.)]|[-*•])\s+/, "").trim())
    .filter((name) => name !== "");
}

/**
 * A spreadsheet's text: UTF-8 with its mark, so that Excel shows Vietnamese; a cell that a spreadsheet would take
 * for a formula gets a leading apostrophe.
 */
export function csv(rows: readonly (readonly string[])[]): string {
  return `\ufeff${rows.map((cells) => `${cells.map(cell).join(",")}\r\n`).join("")}`;
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

/** "2026-11-30 13:05:10" in a zone, as every spreadsheet reads it. */
export function sheetTime(at: number, zone: string): string {
  const format = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: zone });
  return format.format(at * 1_000);
}
