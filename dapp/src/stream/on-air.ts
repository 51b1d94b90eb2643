/**
 * The room that this tab is broadcasting to, so that any page can show it, and what of it outlives a
 * reload. Light, for every page loads it.
 */
import { recall, remember } from "../base/storage";
import { store } from "../base/store";
import type { Source } from "./devices";

export const onAirRoom = store<string | null>(null);

/** What goes on after a reload of this tab. */
export interface AirMark {
  room: string;
  source: Source;
  muted: boolean;
  dark: boolean;
}

const MARK = "on-air";

function recallMark(): AirMark | null {
  try {
    const kept = JSON.parse(recall(MARK, "session") ?? "null");
    if (typeof kept?.room !== "string") return null;
    const source = kept.source === "screen" ? "screen" : "camera";
    return { room: kept.room, source, muted: kept.muted === true, dark: kept.dark === true };
  } catch {
    return null;
  }
}

/** Null once the person has stopped. */
export const airMark = store<AirMark | null>(recallMark());
airMark.subscribe(() => {
  const mark = airMark.get();
  remember(MARK, mark === null ? null : JSON.stringify(mark), "session");
});

// leaving the page would end the broadcast: ask first
addEventListener("beforeunload", (event) => {
  if (onAirRoom.get() !== null) event.preventDefault();
});
