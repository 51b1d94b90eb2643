/**
 * A room's title and description: any bytes a stranger chose. Shown as text only, isolated (so that it cannot turn
 * the direction of what stands around it), without line breaks and invisible controls.
 */
import type { JSX } from "preact";
import { plainLines, plainTitle } from "../base/plain-text";
import { useText } from "../i18n";

export function RoomTitle({ title }: { title: string }): JSX.Element {
  const t = useText();
  const shown = plainTitle(title);
  if (shown === "") return <span class="untitled">{t.room.untitled}</span>;
  return <bdi>{shown}</bdi>;
}

/** No address in it is made a link. */
export function PlainText({ text, lang }: { text: string; lang?: string | null }): JSX.Element | null {
  const shown = plainLines(text);
  if (shown === "") return null;
  return (
    <p class="plain-text" dir="auto" lang={lang ?? undefined}>
      {shown}
    </p>
  );
}
