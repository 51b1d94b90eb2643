/** One link in a dialog: to copy and to scan, who uses it, and what its host can do about that. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Failure } from "../../contract/failures";
import { useClassText } from "../../i18n/class";
import { count, stayed, useLanguage } from "../../i18n/format";
import { type ClassList, type ListedLink, revokeLinks } from "../../playback/class-list";
import type { DeskLink } from "../../playback/host-desk";
import { KeysUnavailable } from "../../sealing/browser-store";
import { CopyField } from "../../ui/copy-field";
import { FailureNote } from "../../ui/failure-note";
import { Qr } from "../../ui/qr";
import { useAdding } from "./class-list-add";
import type { Desk } from "./use-desk";

interface Props {
  list: ClassList;
  link: ListedLink;
  at: DeskLink | null;
  desk: Desk;
  /** The link itself. */
  address: string;
  changed: () => void;
  done: () => void;
}

export function LinkDetails(props: Props): JSX.Element {
  const t = useClassText();
  const lang = useLanguage();
  const { link, address } = props;
  if (link.revokedAt !== null) return <Again {...props} />;
  return (
    <div class="stack">
      <div class="share">
        <Qr value={address} label={t.classList.qr} />
        <div>
          <CopyField label={link.seats > 1 ? t.classList.group : t.classList.link} value={address} whole />
          <p class="dim small">
            {link.seats > 1 ? t.classList.groupMore(count(link.seats, lang)) : t.classList.linkMore}
          </p>
        </div>
      </div>
      <AtTheDoor {...props} />
      <Revoke {...props} />
    </div>
  );
}

/** Moves, the door, seats: all at the service, so only while it answers. */
function AtTheDoor({ link, at, desk }: Props): JSX.Element | null {
  const t = useClassText();
  const lang = useLanguage();
  const [busy, setBusy] = useState(false);
  if (at === null) return null;
  const hash = link.hash;
  async function act(work: Parameters<Desk["act"]>[0]) {
    setBusy(true);
    await desk.act(work);
    setBusy(false);
  }
  return (
    <>
      {at.moves > 0 && link.seats === 1 && (
        <p class="note">{at.moves === 1 ? t.classList.movedOnce : t.classList.moved(count(at.moves, lang))}</p>
      )}
      {at.waits && (
        <div class="note row" role="status">
          <span>{t.classList.waits}</span>
          <button
            type="button"
            class="button small"
            disabled={busy}
            onClick={() => void act((one, signal) => one.allow(hash, signal))}
          >
            {t.classList.allow}
          </button>
        </div>
      )}
      {link.seats > 1 && (
        <>
          <ul class="plain">
            {at.present.map(({ browser, since }, seat) => (
              <li key={browser} class="seat">
                <span>
                  {t.classList.seat(count(seat + 1, lang))}{" "}
                  <span class="dim">{t.classList.hereFor(stayed((desk.seen?.now ?? since) - since, lang))}</span>
                </span>
                <button
                  type="button"
                  class="button small"
                  disabled={busy}
                  onClick={() => void act((one, signal) => one.takeSeat(hash, browser, signal))}
                >
                  {t.classList.takeSeat}
                </button>
              </li>
            ))}
          </ul>
          <div class="note row">
            <span>{at.closed ? t.classList.closed : t.classList.closeDoorMore}</span>
            <button
              type="button"
              class="button small"
              disabled={busy}
              onClick={() => void act((one, signal) => one.door(hash, !at.closed, signal))}
            >
              {at.closed ? t.classList.openDoor : t.classList.closeDoor}
            </button>
          </div>
        </>
      )}
    </>
  );
}

function Revoke({ list, link, desk, changed, done }: Props): JSX.Element {
  const t = useClassText();
  const [failure, setFailure] = useState<Failure | null>(null);
  async function revoke() {
    try {
      await revokeLinks(list.id, [link.hash], Math.floor(Date.now() / 1_000));
      changed();
      desk.hurry();
      done();
    } catch (error) {
      setFailure({ kind: "keys", why: error instanceof KeysUnavailable ? error.why : "refused" });
    }
  }
  return (
    <div class="stack tight">
      <p class="dim small">{t.classList.revokeMore}</p>
      <FailureNote failure={failure} />
      <div class="buttons">
        <button type="button" class="button danger" onClick={() => void revoke()}>
          {t.classList.revoke}
        </button>
      </div>
    </div>
  );
}

/** A withdrawn link's person may have another one. */
function Again({ list, link, changed, done }: Props): JSX.Element {
  const t = useClassText();
  const { busy, failure, add } = useAdding({ list, changed });
  const { name, seats, number } = link;
  return (
    <div class="stack">
      <p>{link.revokeTold ? t.classList.revoked : t.classList.revokedWait}</p>
      <FailureNote failure={failure} />
      <div class="buttons">
        <button
          type="button"
          class="button primary"
          disabled={busy}
          onClick={() => void add([{ name, seats, number }]).then((made) => made && done())}
        >
          {t.classList.again}
        </button>
      </div>
    </div>
  );
}
