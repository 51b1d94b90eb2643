/**
 * A room's title: any bytes a stranger chose. Shown as text only, isolated (so that it cannot turn
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
