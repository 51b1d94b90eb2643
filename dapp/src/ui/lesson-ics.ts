/**
 * A planned room as a calendar's file (RFC 5545).
 *
 * Promises: whatever a stranger wrote as title and description is text of its own property and nothing else; lines
 * end with CRLF and hold at most 75 octets, none of them half a character; times are UTC. The same room has the same
 * `UID` wherever the file comes from, and a higher `SEQUENCE` after a change, so that a calendar moves the entry.
 */
import type { Room } from "../api/types";
import { plainLines, plainTitle } from "../base/plain-text";

const LINE_OCTETS = 75;
const LASTS_S = 3_600; // nobody tells how long a lesson is, and without an end it would be of no length
const LAST_S = 253_402_300_799; // the end of 9999, which is all that the form has places for

type Planned = Pick<
  Room,
  "room_id" | "contract" | "title" | "description" | "starts_at" | "expires_at" | "last_seq" | "updated"
>;

/** `link`: where it is watched; `untitled`: in place of an empty title. null: nothing is planned. */
export function lessonIcs(room: Planned, link: string, untitled: string): string | null {
  const { starts_at: start } = room;
  if (start === null || start + LASTS_S > LAST_S) return null;
  const end = room.expires_at > start ? Math.min(start + LASTS_S, room.expires_at) : start + LASTS_S;
  const about = plainLines(room.description?.about ?? "");
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Livestream Rooms//EN",
    "BEGIN:VEVENT",
    `UID:${room.room_id}.${room.contract.toLowerCase()}@livestream-rooms`,
    `SEQUENCE:${room.last_seq}`,
    `DTSTAMP:${utc(room.updated.at)}`,
    `DTSTART:${utc(start)}`,
    `DTEND:${utc(end)}`,
    `SUMMARY:${escaped(plainTitle(room.title) || untitled)}`,
    `DESCRIPTION:${escaped(about === "" ? link : `${about}\n\n${link}`)}`,
    `URL:${link}`,
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join("");
}

/** "20261130T121500Z" of unix seconds. */
const utc = (at: number): string => new Date(1_000 * at).toISOString().replace(/[-:]|\.\d+/g, "");

const escaped = (text: string): string => text.replace(/[\\;,]/g, "\\$&").replace(/\n/g, "\\n");

function folded(line: string): string {
  const encoder = new TextEncoder();
  let [whole, octets] = ["", 0];
  for (const character of line) {
    const size = encoder.encode(character).length;
    if (octets + size > LINE_OCTETS) {
      whole += "\r\n ";
      octets = 1;
    }
    whole += character;
    octets += size;
  }
  return whole;
}
