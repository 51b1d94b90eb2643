/** Of a room on air: since when, and how many watch, as far as that is known. */
import type { JSX } from "preact";
import type { Room } from "../api/types";
import { useText } from "../i18n";
import { ago, count, dateTime, useLanguage, useNow } from "../i18n/format";
import { Icon } from "./icons";

/** `whole`: that nobody watches, too. */
export function LiveFacts({ room, whole = false }: { room: Room; whole?: boolean }): JSX.Element {
  const t = useText();
  const lang = useLanguage();
  const now = useNow(20);
  const { live_since: since, viewers } = room;
  return (
    <>
      {viewers !== null && (whole || viewers > 0) && (
        <span class="viewers">
          <Icon name="eye" /> {t.room.watching(count(viewers, lang))}
        </span>
      )}
      {since !== null && (
        <time dateTime={new Date(since * 1000).toISOString()} title={dateTime(since, lang)}>
          {now - since < 60 ? t.room.startedNow : t.room.started(ago(since, now, lang, ""))}
        </time>
      )}
    </>
  );
}
