/**
 * What stands before a private room: whether the viewer may enter is being asked, what they need for it, or why
 * they may not. Each state ends by itself or by a button. What is recorded of a viewer is told before they enter.
 */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { askUntil } from "../../api/client";
import type { Room } from "../../api/types";
import { Backoff } from "../../base/time";
import { useText } from "../../i18n";
import { count, dateTime, useLanguage } from "../../i18n/format";
import { usePrivateText } from "../../i18n/private";
import type { Admissions, Standing } from "../../playback/admission";
import type { PlaybackService, Proof, ServiceStatus } from "../../playback/client";
import { isFramed, isOriginless, openEntrance } from "../../playback/hand-over";
import { kept } from "../../playback/invitation-link";
import type { Refused } from "../../playback/refusals";
import { Hash } from "../../ui/hash";
import { Icon } from "../../ui/icons";
import { Later } from "../../ui/later";
import { StageMessage } from "../../ui/stage";
import "../../styles/door.css";

interface Props {
  room: Room;
  service: PlaybackService;
  standing: Exclude<Standing, { kind: "in" }>;
  admissions: Admissions;
  /** Begins anew, with a session that another window gave. */
  anew: () => void;
}

export function Door({ standing, ...props }: Props): JSX.Element {
  const common = useText().common;
  const t = usePrivateText().playback;
  if (standing.kind === "checking") return <StageMessage title={t.checking} pulse />;
  if (standing.kind === "away") {
    const { title, more } = t.away[standing.why];
    return (
      <StageMessage title={title} pulse button={[common.again, () => props.admissions.again()]}>
        {more}
      </StageMessage>
    );
  }
  if (isOriginless()) return <Locked room={props.room} />;
  return standing.why === null ? <Unproven {...props} /> : <Turned {...props} why={standing.why} />;
}

type Outside = Omit<Props, "standing">;

/** Nothing was shown yet. */
function Unproven(props: Outside): JSX.Element {
  const t = usePrivateText().playback;
  const { room, admissions } = props;
  const kind = room.access === "gate" ? "gate" : "invitation";
  if (admissions.hasInvitation()) {
    return (
      <Words title={t.invited} more={t.invitedMore}>
        <button type="button" class="button" onClick={() => admissions.again()}>
          {t.enter}
        </button>
        <Recorded service={props.service} />
      </Words>
    );
  }
  return (
    <Words {...t.kinds[kind]}>
      <WhichToken room={room} />
      <ByWallet {...props} />
      <Recorded service={props.service} />
    </Words>
  );
}

/** No wallet, and no link, changes these. */
const FINAL = ["origin-refused", "other-operator", "room-public", "room-ended"];

/** What was shown does not let them in. */
function Turned({ why, ...props }: Outside & { why: Refused }): JSX.Element {
  const common = useText().common;
  const t = usePrivateText().playback;
  const lang = useLanguage();
  const { admissions } = props;
  const { title, more } = t.refused[why.name];
  const early = why.name === "invitation-early" && why.from !== null;
  const again = admissions.canAsk() && !FINAL.includes(why.name);
  return (
    <Words title={title} more={early ? `${t.opens(dateTime(why.from ?? 0, lang))} ${more}` : more}>
      {(why.name === "not-a-holder" || why.name === "lost") && <WhichToken room={props.room} />}
      {again && (
        <button type="button" class="button" onClick={() => admissions.again()}>
          {why.name === "opened-elsewhere" ? t.useHere : common.again}
        </button>
      )}
      {!FINAL.includes(why.name) && (
        <>
          <ByWallet {...props} second={again} />
          <Recorded service={props.service} />
        </>
      )}
    </Words>
  );
}

/** A frame that nobody can be recognized in: the page of the room takes the link along. */
function Locked({ room }: { room: Room }): JSX.Element {
  const t = usePrivateText().playback;
  const invitation = kept("invitation", room.room_id);
  const fragment = invitation === null ? "" : `#i=${invitation}`;
  return (
    <Words title={t.locked} more={t.lockedMore}>
      <a class="button" href={`/room/${room.room_id}${fragment}`} target="_blank" rel="noopener">
        {t.openPage}
      </a>
    </Words>
  );
}

interface WordsProps {
  title: string;
  more: string;
  children: ComponentChildren;
}

function Words({ title, more, children }: WordsProps): JSX.Element {
  return (
    <div class="word door">
      <strong>{title}</strong>
      <p>{more}</p>
      {children}
    </div>
  );
}

/**
 * The way by a wallet; a player inside another site sends the person to a window of our own. `second`: there is
 * a likelier one.
 */
function ByWallet({ second = false, ...props }: Outside & { second?: boolean }): JSX.Element {
  const t = usePrivateText().playback;
  const { room, service, admissions } = props;
  const [wanted, setWanted] = useState(false);
  if (isFramed()) return <ByWindow {...props} />;
  const onProof = (proof: Proof) => admissions.enter(proof);
  if (wanted) return <Later part load={loadWallet} props={{ room: room.room_id, service, onProof }} />;
  return (
    <>
      <button type="button" class={`button ${second ? "second" : ""}`} onClick={() => setWanted(true)}>
        <Icon name="wallet" /> {t.signIn}
      </button>
      {!second && <p class="small">{room.access === "gate" ? t.signInMore : t.hosts}</p>}
    </>
  );
}

const loadWallet = () => import("./wallet-entry").then((part) => part.WalletEntry);

function ByWindow({ room, anew }: Outside): JSX.Element {
  const t = usePrivateText().playback;
  const [opened, setOpened] = useState<AbortController | null>(null);
  const [blocked, setBlocked] = useState(false);
  useEffect(() => () => opened?.abort(), [opened]);
  function open() {
    const listening = new AbortController();
    const isOpen = openEntrance(room.room_id, anew, listening.signal);
    setOpened(listening);
    setBlocked(!isOpen);
  }
  if (blocked) {
    return (
      <a class="button" href={`/room/${room.room_id}`} target="_blank" rel="noopener">
        {t.openPage}
      </a>
    );
  }
  return (
    <>
      <button type="button" class="button" onClick={open}>
        {t.openWindow}
      </button>
      <p class="small">{opened === null ? t.openWindowMore : t.openedWindow}</p>
    </>
  );
}

/** The contract that a wallet is looked up in. */
function WhichToken({ room }: { room: Room }): JSX.Element | null {
  const t = usePrivateText().playback;
  if (room.access !== "gate" || room.gate === null) return null;
  return (
    <p class="small">
      {t.token} <Hash of={room.gate} label={t.token} />
    </p>
  );
}

/** What the host gets to know. */
function Recorded({ service }: { service: PlaybackService }): JSX.Element {
  const t = usePrivateText().playback;
  const lang = useLanguage();
  const [status, setStatus] = useState<ServiceStatus | null>(null);
  useEffect(() => {
    const stopping = new AbortController();
    const { signal } = stopping;
    askUntil(() => service.status(signal), new Backoff(2_000, 60_000), signal).then(setStatus, () => {});
    return () => stopping.abort();
  }, [service]);
  const text = status === null ? t.attendanceSome : t.attendance(count(status.attendance_days, lang));
  return <p class="small">{text}</p>;
}
