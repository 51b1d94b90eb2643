/** To a room's audit, by its number. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useText } from "../i18n";

export function FindRoom(): JSX.Element {
  const t = useText();
  const [typed, setTyped] = useState("");
  const number = /^\s*(?:live_)?([1-9][0-9]{0,17})\s*$/.exec(typed)?.[1];
  function find(event: Event) {
    event.preventDefault();
    if (number !== undefined) location.assign(`/audit/live_${number}`);
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
      <button class="button" disabled={number === undefined}>
        {t.audit.open}
      </button>
    </form>
  );
}
