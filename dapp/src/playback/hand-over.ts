/**
 * A player inside another site hands its sign-in to a window of our own: there are a wallet and a tab of its
 * own, which a frame does not have. The window gives the session back.
 *
 * Promises: a session is told to a window of our very origin alone (`targetOrigin`), and taken from the one
 * window that was opened. A frame without an origin can have none: it opens the room's page instead.
 * Assumes: the bare player's document keeps its opener (its `Cross-Origin-Opener-Policy`).
 */
import { keep } from "./invitation-link";

/** A site's frame around us. */
export const isFramed = (): boolean => window.top !== window;

/** A sandbox gave this document an origin that nobody else has. */
export const isOriginless = (): boolean => window.origin === "null";

interface Message {
  livestream: "ready" | "wanted" | "session" | "taken";
  room: string;
  session?: string;
}

/** What `event` says to us; null: another's words. */
function heard(event: MessageEvent, from: unknown, room: string): Message | null {
  const said = event.data as Partial<Message> | null;
  if (event.origin !== location.origin || event.source !== from) return null;
  return typeof said === "object" && said !== null && said.room === room && said.livestream ? (said as Message) : null;
}

const say = (to: Window, message: Message) => to.postMessage(message, location.origin);

/** Opens the window, at a person's click; `entered` hears when its session is kept here. False: it was blocked. */
export function openEntrance(room: string, entered: () => void, signal: AbortSignal): boolean {
  const opened = window.open(`/embed/${room}`, "_blank", "popup,width=480,height=640");
  if (opened === null) return false;
  const hear = (event: MessageEvent) => {
    const said = heard(event, opened, room);
    if (said?.livestream === "ready") say(opened, { livestream: "wanted", room });
    if (said?.livestream !== "session" || typeof said.session !== "string") return;
    keep("session", room, said.session);
    say(opened, { livestream: "taken", room });
    entered();
  };
  addEventListener("message", hear, { signal });
  return true;
}

/**
 * In the opened window: asks whether a player waits for the session. `wanted` hears that it does; the answered
 * function hands a session over, `taken` hears that it arrived.
 */
export function offerEntrance(
  room: string,
  wanted: () => void,
  taken: () => void,
  signal: AbortSignal,
): (session: string) => void {
  const opener = window.opener as Window | null;
  if (opener === null || isFramed()) return () => {};
  addEventListener(
    "message",
    (event: MessageEvent) => {
      const said = heard(event, opener, room);
      if (said?.livestream === "wanted") wanted();
      if (said?.livestream === "taken") taken();
    },
    { signal },
  );
  say(opener, { livestream: "ready", room });
  return (session) => say(opener, { livestream: "session", room, session });
}
