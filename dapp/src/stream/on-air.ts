/** The room that this tab is broadcasting to, so that any page can show it. */
import { store } from "../base/store";

export const onAirRoom = store<string | null>(null);

// leaving the page would end the broadcast: ask first
addEventListener("beforeunload", (event) => {
  if (onAirRoom.get() !== null) event.preventDefault();
});
