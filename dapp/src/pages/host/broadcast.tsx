/** How a host gets video into the room: from this browser, or from OBS. */
import type { ComponentProps, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Room } from "../../api/types";
import { insist, sleep } from "../../base/time";
import type { KeysMissing } from "../../contract/failures";
import { Unreachable } from "../../contract/rpc";
import { useText } from "../../i18n";
import { KeysUnavailable } from "../../sealing/browser-store";
import { type FoundCredentials, keptCredentials, readCredentials } from "../../sealing/credentials";
import { airMark, onAirRoom } from "../../stream/on-air";
import { Icon } from "../../ui/icons";
import { Later } from "../../ui/later";
import { StageMessage } from "../../ui/stage";
import type { Host } from "../../wallet/use-host";
import { RekeyButton } from "./manage-room";

const obs = () => import("./obs").then((part) => part.Obs);

export function Broadcast({ room, host }: { room: Room; host: Host }): JSX.Element {
  const t = useText();
  const [way, setWay] = useState<"browser" | "obs">(room.mode === "webrtc" ? "browser" : "obs");
  const [turn, setTurn] = useState(0);
  const found = useCredentials(room, host, turn);
  if (found.kind !== "open") return <Closed found={found} room={room} host={host} />;
  const { credentials } = found;
  return (
    <section class="broadcast">
      {credentials.mode === "webrtc" && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is laid out in a way of its own
        <div class="tabs" role="group" aria-label={t.live.how}>
          <button type="button" aria-pressed={way === "browser"} onClick={() => setWay("browser")}>
            {t.live.browser}
          </button>
          <button type="button" aria-pressed={way === "obs"} onClick={() => setWay("obs")}>
            {t.live.obs}
          </button>
        </div>
      )}
      {credentials.mode === "webrtc" && way === "browser" ? (
        <Desk room={room} whip={credentials.whip} onRefused={() => setTurn(turn + 1)} />
      ) : (
        <Later load={obs} props={{ room, credentials }} part />
      )}
    </section>
  );
}

type GoLive = typeof import("./go-live").GoLive;
let loaded: GoLive | null = null;

/** What only a broadcast needs is loaded for it alone, once. */
function Desk(props: ComponentProps<GoLive>): JSX.Element {
  const t = useText();
  const [GoLive, setGoLive] = useState<{ part: GoLive } | null>(loaded === null ? null : { part: loaded });
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (loaded !== null) return;
    const stopping = new AbortController();
    insist(
      () => import("./go-live"),
      () => setFailed(true),
      stopping.signal,
    ).then(
      (found) => {
        loaded = found.GoLive;
        setGoLive({ part: loaded });
      },
      () => {}, // no longer needed
    );
    return () => stopping.abort();
  }, []);
  if (GoLive !== null) return <GoLive.part key={props.room.room_id} {...props} />;
  return (
    <div class="stage" role="status">
      <div class="over">
        {failed ? (
          <StageMessage title={t.live.unloaded} button={[t.viewer.reload, () => location.reload()]}>
            {t.viewer.unloadedMore}
          </StageMessage>
        ) : (
          <span class="pulse" role="img" aria-label={t.common.loading} />
        )}
      </div>
    </div>
  );
}

type State = FoundCredentials | { kind: "reading" } | { kind: "unreachable" } | { kind: "keys"; why: KeysMissing };

/**
 * The room's credentials, read again whenever the room's key or its sealing changes. Who was on air
 * in this tab goes on with those it had, and once the chain can be read with what that says.
 */
function useCredentials(room: Room, host: Host, turn: number): State {
  const [state, setState] = useState<State>({ kind: "reading" });
  const { config, read } = host;
  useEffect(() => {
    if (config === null || airMark.get()?.room !== room.room_id) return;
    void keptCredentials(config.chain_id, room).then((kept) =>
      setState((before) => (kept === null || before.kind === "open" || before.kind === "no-key" ? before : kept)),
    );
  }, [config?.chain_id, room.room_id]);
  useEffect(() => {
    if (config === null || read === null) return;
    const stopping = new AbortController();
    // what was open is good until it is refused, or others are open
    const going = () => onAirRoom.get() === room.room_id || (turn === 0 && airMark.get()?.room === room.room_id);
    void (async () => {
      for (;;) {
        try {
          const found = await readCredentials(read, config.chain_id, room, stopping.signal);
          setState((before) =>
            same(before, found) || (before.kind === "open" && found.kind !== "open" && going()) ? before : found,
          );
          if (found.kind === "open") return;
          if (found.kind === "no-key") return;
        } catch (error) {
          if (stopping.signal.aborted) return;
          const why: State | null =
            error instanceof KeysUnavailable
              ? { kind: "keys", why: error.why }
              : error instanceof Unreachable
                ? { kind: "unreachable" }
                : null;
          if (why !== null) setState((before) => (before.kind === "open" ? before : why));
        }
        await sleep(2_000, stopping.signal);
      }
    })().catch(() => {
      // no longer needed
    });
    return () => stopping.abort();
  }, [read, config?.chain_id, room.room_id, room.tag, room.updated.block, turn]);
  return state;
}

const same = (one: State, other: State) => JSON.stringify(one) === JSON.stringify(other);

interface ClosedProps {
  found: Exclude<State, { kind: "open" }>;
  room: Room;
  host: Host;
}

function Closed({ found, room, host }: ClosedProps): JSX.Element {
  const t = useText();
  const waiting = found.kind !== "no-key";
  const words = {
    reading: t.live.reading,
    unreachable: t.failure.nodeWaiting,
    "not-sealed": t.live.sealing,
    "no-key": t.live.noKey,
    keys: found.kind === "keys" ? t.failure.keys[found.why] : "",
  };
  return (
    <section class="panel closed">
      {waiting ? <span class="pulse" aria-hidden="true" /> : <Icon name="key" />}
      <p role="status">{words[found.kind]}</p>
      {found.kind === "no-key" && (
        <>
          <p class="dim">{t.live.noKeyMore}</p>
          <RekeyButton room={room} host={host} />
        </>
      )}
    </section>
  );
}
