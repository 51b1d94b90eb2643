/** More people, or a link for a group: signed by this browser's key, without the wallet. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Failed, type Failure, failureOf } from "../../contract/failures";
import { useClassText } from "../../i18n/class";
import { count, useLanguage } from "../../i18n/format";
import { addLinks, type ClassList, type Invitee } from "../../playback/class-list";
import { namesOf } from "../../playback/class-names";
import { MOST_SEATS } from "../../playback/invitation";
import { KeysUnavailable } from "../../sealing/browser-store";
import { FailureNote } from "../../ui/failure-note";

interface Props {
  list: ClassList;
  changed: () => void;
}

const GROUP_SEATS = 30;

/** Making links, as state: whether it is under way, why it failed. */
export function useAdding({ list, changed }: Props) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  async function add(people: readonly Invitee[]): Promise<boolean> {
    if (busy || people.length === 0) return false;
    setBusy(true);
    setFailure(null);
    try {
      await addLinks(list, people);
      changed();
      return true;
    } catch (error) {
      setFailure(failureOf(error instanceof KeysUnavailable ? new Failed({ kind: "keys", why: error.why }) : error));
      return false;
    } finally {
      setBusy(false);
    }
  }
  return { busy, failure, add };
}

export function AddPeople(props: Props): JSX.Element {
  const t = useClassText();
  const lang = useLanguage();
  const [pasted, setPasted] = useState("");
  const { busy, failure, add } = useAdding(props);
  const names = namesOf(pasted);
  async function submit(event: Event) {
    event.preventDefault();
    if (await add(names.map((name) => ({ name, seats: 1 })))) setPasted("");
  }
  return (
    <details>
      <summary>{t.classList.add}</summary>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <div class="field">
          <label for={`people-${props.list.id}`}>{t.classList.people}</label>
          <textarea
            id={`people-${props.list.id}`}
            rows={4}
            value={pasted}
            placeholder={t.classList.peopleHint}
            autoComplete="off"
            spellcheck={false}
            onInput={(event) => setPasted(event.currentTarget.value)}
          />
        </div>
        <FailureNote failure={failure} />
        <div class="buttons">
          <button type="submit" class="button primary" disabled={busy || names.length === 0}>
            {busy ? t.classList.making : t.classList.addButton(count(names.length, lang))}
          </button>
        </div>
      </form>
    </details>
  );
}

export function AddGroup(props: Props): JSX.Element {
  const t = useClassText();
  const [name, setName] = useState("");
  const [seats, setSeats] = useState(String(GROUP_SEATS));
  const { busy, failure, add } = useAdding(props);
  const wanted = /^\d{1,3}$/.test(seats.trim()) ? Number(seats) : 0;
  const bad = wanted < 2 || wanted > MOST_SEATS;
  async function submit(event: Event) {
    event.preventDefault();
    if (!bad && (await add([{ name: name.trim(), seats: wanted }]))) setName("");
  }
  const id = `group-${props.list.id}`;
  return (
    <details>
      <summary>{t.classList.addGroup}</summary>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <div class="field">
          <label for={id}>{t.classList.groupName}</label>
          <input
            id={id}
            type="text"
            value={name}
            placeholder={t.classList.groupHint}
            autoComplete="off"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </div>
        <div class="field">
          <label for={`${id}-seats`}>{t.classList.seats}</label>
          <input
            id={`${id}-seats`}
            type="text"
            inputMode="numeric"
            value={seats}
            aria-invalid={bad}
            aria-describedby={`${id}-hint`}
            autoComplete="off"
            onInput={(event) => setSeats(event.currentTarget.value)}
          />
          <span id={`${id}-hint`} class={`hint ${bad ? "bad-text" : ""}`}>
            {t.classList.seatsBad}
          </span>
        </div>
        <FailureNote failure={failure} />
        <div class="buttons">
          <button type="submit" class="button primary" disabled={busy || bad}>
            {busy ? t.classList.making : t.classList.addGroupButton}
          </button>
        </div>
      </form>
    </details>
  );
}
