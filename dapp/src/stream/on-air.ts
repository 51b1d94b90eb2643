/** The room that is on air from this tab, for whoever wants to say so. */
import { store } from "../base/store";

export const onAirRoom = store<string | null>(null);

// leaving the page would end the broadcast: ask first
addEventListener("beforeunload", (event) => {
  if (onAirRoom.get() !== null) event.preventDefault();
});
