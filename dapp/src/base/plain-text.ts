/** What a stranger wrote, without line breaks, invisible controls, and whatever would climb over the page. */

// controls, direction overrides, zero-width and other characters that hide or reorder text
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what it looks for
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
// a tower of combining marks would climb over the page
const TOWERS = /(\p{M}{4})\p{M}+/gu;

export function plainTitle(title: string): string {
  return title.replace(HIDDEN, " ").replace(TOWERS, "$1").replace(/\s+/gu, " ").trim();
}

/** Its lines kept, but no more than one empty line at a time. */
export const plainLines = (text: string): string =>
  text
    .split(/\r\n?|\n/u)
    .map(plainTitle)
    .join("\n")
    .replace(/\n{3,}/gu, "\n\n")
    .trim();
