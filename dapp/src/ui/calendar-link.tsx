/**
 * Puts a planned room into the reader's calendar: a file that the page makes, behind a plain link, which phones open
 * with their calendar.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Room } from "../api/types";
import { useText } from "../i18n";
import { Icon } from "./icons";
import { lessonIcs } from "./lesson-ics";
import { useOrigin } from "./share";

export function CalendarLink({ room, word }: { room: Room; word: string }): JSX.Element | null {
  const t = useText();
  const origin = useOrigin();
  const text = lessonIcs(room, `${origin}/room/${room.room_id}`, t.room.untitled);
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (text === null) return;
    const made = URL.createObjectURL(new Blob([text], { type: "text/calendar;charset=utf-8" }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [text]);
  if (text === null || address === null) return null;
  return (
    <a class="button" href={address} download={`${room.room_id}.ics`}>
      <Icon name="calendar" /> {word}
    </a>
  );
}
