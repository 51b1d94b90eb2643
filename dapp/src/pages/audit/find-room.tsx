/** To a room's audit, by its number. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { typedRoom } from "../../base/room-id";
import { useAuditText } from "../../i18n/audit";

export function FindRoom(): JSX.Element {
  const t = useAuditText();
  const [typed, setTyped] = useState("");
  const room = typedRoom(typed);
  function find(event: Event) {
    event.preventDefault();
    if (room !== null) location.assign(`/audit/${room}`);
  }
  return (
    <form class="find" onSubmit={find}>
      <div class="field">
        <label for="number">{t.audit.find}</label>
        <input
          id="number"
          type="text"
          autoComplete="off"
          placeholder="live_7"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </div>
      <button type="submit" class="button" disabled={room === null}>
        {t.audit.open}
      </button>
    </form>
  );
}
