/**
 * Takes secrets out of a text that leaves the page: a link that is shared, what is copied, a report.
 *
 * Promises: no invitation, session or playback token of a private room is left in it, also where the text
 * was percent-encoded; what has none comes back as it was.
 */
const LEFT_OUT = "…";

const SECRETS: [look: RegExp, left: string][] = [
  // a link's invitation: the link stays, as the plain one
  [/(#|%23)i(=|%3D)[\w-]*(?=&|%26)(&|%26)/gi, "$1"],
  [/(#|%23|&|%26)i(=|%3D)[\w-]*/gi, ""],
  // a session of the playback service
  [/\bls1\.[\w.-]+/g, LEFT_OUT],
  // a playback token (a JWT), wherever it stands
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, LEFT_OUT],
  // an invitation by itself: nothing else that the page writes is so long without a break
  [/(?<![\w-])(?!0x)[\w-]{160,}/g, LEFT_OUT],
];

export function scrub(text: string): string {
  return SECRETS.reduce((clean, [look, left]) => clean.replace(look, left), text);
}
