/** A new class list: for this room or a class, its first names, and the wallet's one signature. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { plainTitle } from "../../base/plain-text";
import { roomNumber } from "../../base/room-id";
import { describeRoom } from "../../contract/calls";
import { detailsOf } from "../../contract/details";
import { Failed, type Failure, failureOf } from "../../contract/failures";
import { type ClassCatalogue, useClassText } from "../../i18n/class";
import { count, dateTime, useLanguage } from "../../i18n/format";
import { addLinks, beginList, type ClassList, classesOf, newClass, signedList } from "../../playback/class-list";
import { namesOf } from "../../playback/class-names";
import { invitationsToSign } from "../../playback/delegation";
import { serviceTime } from "../../playback/host-desk";
import { CLASS_MOST_SECONDS, type Scope } from "../../playback/invitation";
import { KeysUnavailable } from "../../sealing/browser-store";
import { Choice } from "../../ui/choice";
import { FailureNote } from "../../ui/failure-note";
import { useSignature } from "../../wallet/use-signature";
import type { ListProps } from "./class-list-section";
import { ConnectButton } from "./connect-wallet";
import { RoomForm } from "./room-form";
import { SignatureNote } from "./signature-note";

interface Props extends ListProps {
  lists: ClassList[];
  /** The class that the room belongs to on chain. */
  classId: string | null;
  done: () => void;
}

const ROOM = "room";

export function StartList(props: Props): JSX.Element {
  const t = useClassText();
  const lang = useLanguage();
  const { room, host, classId, owner } = props;
  const [chosen, choose] = useState<string | null>(null);
  const [fresh] = useState(newClass);
  const [known, setKnown] = useState(new Map<string, string>());
  const [pasted, setPasted] = useState("");
  useEffect(() => {
    classesOf(owner).then(setKnown, () => {
      // the list below says what is wrong with the store
    });
  }, [room.host]);
  const value = chosen ?? classId ?? ROOM;
  const others = [...known].filter(([id]) => id !== classId);
  const scope: Scope = value === ROOM ? { kind: "room", room: roomNumber(room.room_id) } : { kind: "class", id: value };
  const choice = { name: "class-scope", chosen: value, choose };
  return (
    <div class="stack">
      {props.lists.length === 0 && <p class="dim">{t.classList.keptHere}</p>}
      <fieldset class="modes">
        <legend>{t.classList.scope}</legend>
        <Choice {...choice} value={ROOM} word={t.classList.room}>
          {t.classList.roomMore(dateTime(room.expires_at, lang))}
        </Choice>
        {classId !== null && (
          <Choice
            {...choice}
            value={classId}
            word={known.has(classId) ? className(t, known, classId) : t.classList.thisClass}
          >
            {t.classList.newClassMore}
          </Choice>
        )}
        {classId === null && (
          <Choice {...choice} value={fresh} word={t.classList.newClass}>
            {t.classList.newClassMore}
          </Choice>
        )}
        {others.map(([id]) => (
          <Choice key={id} {...choice} value={id} word={className(t, known, id)}>
            {t.classList.classMore}
          </Choice>
        ))}
      </fieldset>
      {scope.kind === "class" && scope.id !== classId ? (
        <JoinClass room={room} host={host} id={scope.id} />
      ) : (
        <Sign {...props} scope={scope} pasted={pasted} setPasted={setPasted} />
      )}
    </div>
  );
}

const className = (t: ClassCatalogue, known: Map<string, string>, id: string): string =>
  t.classList.class(plainTitle(known.get(id) ?? "") || t.room.untitled);

/** A class is told on chain, by the room's details; what else they tell stays. */
function JoinClass({ room, host, id }: Pick<Props, "room" | "host"> & { id: string }): JSX.Element {
  const t = useClassText();
  const { about = "", lang = null, class: before = null } = room.description ?? {};
  const details = detailsOf({ about, lang: lang ?? "", class: id });
  return (
    <RoomForm
      room={room}
      event="RoomDescribed"
      host={host}
      word={t.classList.join}
      off={host.session.kind !== "ready"}
      call={() => describeRoom(roomNumber(room.room_id), room.starts_at ?? 0, details)}
      done={() => {
        // the room itself says so, and this form makes way
      }}
      alone
    >
      <p class="dim">
        {t.classList.joinMore} {before !== null && t.classList.joinInstead(before)}
      </p>
      {host.session.kind !== "ready" && <ConnectButton />}
    </RoomForm>
  );
}

interface SignProps extends Props {
  scope: Scope;
  pasted: string;
  setPasted: (text: string) => void;
}

function Sign({ room, host, service, owner, lists, scope, pasted, setPasted, done }: SignProps): JSX.Element {
  const t = useClassText();
  const language = useLanguage();
  const signing = useSignature(host);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const leaving = useRef(new AbortController());
  useEffect(() => () => leaving.current.abort(), []);
  const names = namesOf(pasted);

  async function make(): Promise<void> {
    const { config } = host;
    if (config === null) return;
    const told = await serviceTime(service, leaving.current.signal);
    // what was withdrawn before a moment does not touch what begins at that moment
    const befores = lists.flatMap(({ withdrawals }) => withdrawals.map(({ before }) => before));
    const from = Math.max(told ?? Math.floor(Date.now() / 1_000), ...befores);
    const until = scope.kind === "room" ? room.expires_at : from + CLASS_MOST_SECONDS;
    const list = await beginList({ ...owner, scope, title: room.title, language, from, until });
    const place = { chainId: config.chain_id, contract: owner.contract, origin: location.origin };
    const signature = await signing.ask(
      invitationsToSign(place, { scope, language, key: list.id, from: list.from, until: list.until }),
    );
    if (signature === null) return;
    await signedList(list.id, signature);
    await addLinks(
      { ...list, signature },
      namesOf(pasted).map((name) => ({ name, seats: 1 })),
    );
    done();
  }

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFailure(null);
    await make().catch((error) => {
      if (leaving.current.signal.aborted) return;
      setFailure(failureOf(error instanceof KeysUnavailable ? new Failed({ kind: "keys", why: error.why }) : error));
    });
    setBusy(false);
  }

  return (
    <form class="stack" onSubmit={(event) => void submit(event)}>
      <div class="field">
        <label for="class-people">{t.classList.people}</label>
        <textarea
          id="class-people"
          rows={5}
          value={pasted}
          placeholder={t.classList.peopleHint}
          aria-describedby="class-people-hint"
          autoComplete="off"
          spellcheck={false}
          onInput={(event) => setPasted(event.currentTarget.value)}
        />
        <span id="class-people-hint" class="hint">
          {t.classList.peopleMore} {t.classList.names}
        </span>
      </div>
      <p class="dim">{t.classList.signMore}</p>
      <FailureNote failure={failure} />
      <SignatureNote signing={signing} />
      <div class="buttons">
        {host.session.kind === "ready" ? (
          <button type="submit" class="button primary" disabled={busy || host.wrongChain}>
            {busy
              ? signing.state.kind === "asked"
                ? t.classList.signing
                : t.classList.making
              : names.length === 0
                ? t.classList.sign
                : t.classList.signFor(count(names.length, language))}
          </button>
        ) : (
          <ConnectButton />
        )}
      </div>
    </form>
  );
}
