/**
 * A room's title and description: any bytes a stranger chose. Shown as text only, isolated (so that it cannot turn
 * the direction of what stands around it), without line breaks and invisible controls.
 */
import type { JSX } from "preact";
import { useText } from "../i18n";

// controls, direction overrides, zero-width and other characters that hide or reorder text
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what it looks for
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
// a tower of combining marks would climb over the page
const TOWERS = /(\p{M}{4})\p{M}+/gu;

export function plainTitle(title: string): string {
  return title.replace(HIDDEN, " ").replace(TOWERS, "$1").replace(/\s+/gu, " ").trim();
}

export function RoomTitle({ title }: { title: string }): JSX.Element {
  const t = useText();
  const shown = plainTitle(title);
  if (shown === "") return <span class="untitled">{t.room.untitled}</span>;
  return <bdi>{shown}</bdi>;
}

/** Its lines kept, but no more than one empty line at a time; no address in it is made a link. */
export function PlainText({ text, lang }: { text: string; lang?: string | null }): JSX.Element | null {
  const shown = text
    .split(/\r\n?|\n/u)
    .map(plainTitle)
    .join("\n")
    .replace(/\n{3,}/gu, "\n\n")
    .trim();
  if (shown === "") return null;
  return (
    <p class="plain-text" dir="auto" lang={lang ?? undefined}>
      {shown}
    </p>
  );
}
