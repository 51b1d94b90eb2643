/** When a host plans to begin: in the reader's time zone, and how far off that is. */
import type { JSX } from "preact";
import type { Room } from "../api/types";
import { useText } from "../i18n";
import { ago, dateTime, useLanguage, useNow } from "../i18n/format";

const SOON_S = 60;

/** Whether its host plans to begin later than now. */
export const isAhead = (room: Room, now: number): boolean =>
  room.status !== "ended" && room.starts_at !== null && room.starts_at - now >= SOON_S;

/** Nothing where nothing is planned, or the room is over. `short`: only what is still to come. */
export function StartTime({ room, short }: { room: Room; short?: boolean }): JSX.Element | null {
  const t = useText();
  const lang = useLanguage();
  const now = useNow(20);
  const at = room.starts_at;
  if (at === null || room.status === "ended") return null;
  const date = dateTime(at, lang);
  const ahead = at - now;
  if (ahead <= -SOON_S && short === true) return null;
  const word = ahead >= SOON_S ? t.room.starts(ago(at, now, lang, "")) : t.room.startsNow;
  return (
    <time dateTime={new Date(at * 1000).toISOString()} title={date}>
      {ahead <= -SOON_S ? t.room.planned(date) : short === true ? word : `${word} · ${date}`}
    </time>
  );
}
