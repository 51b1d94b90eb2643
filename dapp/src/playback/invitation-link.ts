/**
 * The invitation that a link brings in its fragment (`/room/live_7#i=…`, `/embed/live_7#i=…`).
 *
 * Promises: it is read once, kept for its room in this tab alone, and taken out of the address bar before
 * anything else looks there, so that a copied address is the plain link. The newest link counts: what was
 * kept of the room before, a session too, is forgotten. Where the browser keeps nothing it lives in memory.
 * On restart: a reload finds it in the tab's storage.
 */
import { ROOM_ID } from "../base/room-id";
import { recall, remember } from "../base/storage";
import { store } from "../base/store";

const PAGE = new RegExp(`^/(?:room|embed)/(${ROOM_ID})/?$`);
// of its bytes base64url; a longer one is no invitation
const TEXT = /^[\w-]{1,8192}$/;

/** How many links this page was opened with so far. */
export const linksTaken = store(0);

type Kind = "invitation" | "session";

const memory = new Map<string, string>();
const nameOf = (kind: Kind, room: string): string => `playback-${kind}.${room}`;

/** What this tab keeps for a room; null: nothing. */
export function kept(kind: Kind, room: string): string | null {
  const name = nameOf(kind, room);
  return memory.get(name) ?? recall(name, "session");
}

/** `value` null: forgotten. */
export function keep(kind: Kind, room: string, value: string | null): void {
  const name = nameOf(kind, room);
  if (value === null) memory.delete(name);
  else memory.set(name, value);
  remember(name, value, "session");
}

/** Takes the invitation out of the address, if one is there; nothing otherwise. */
export function takeInvitation(): void {
  const parts = location.hash.slice(1).split("&");
  const text = parts.find((part) => part.startsWith("i="))?.slice(2);
  if (text === undefined) return;
  const rest = parts.filter((part) => !part.startsWith("i=")).join("&");
  try {
    history.replaceState(history.state, "", `${location.pathname}${location.search}${rest === "" ? "" : `#${rest}`}`);
  } catch {
    // a frame without an origin may not; nobody sees its address
  }
  const room = PAGE.exec(location.pathname)?.[1];
  if (room === undefined || !TEXT.test(text)) return;
  keep("session", room, null);
  keep("invitation", room, text);
  linksTaken.set(linksTaken.get() + 1);
}
