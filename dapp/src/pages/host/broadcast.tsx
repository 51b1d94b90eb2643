/** How a host gets video into the room: from this browser, or from OBS. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Room } from "../../api/types";
import { sleep } from "../../base/time";
import type { KeysMissing } from "../../contract/failures";
import { Unreachable } from "../../contract/rpc";
import { useText } from "../../i18n";
import { type FoundCredentials, readCredentials } from "../../sealing/credentials";
import { KeysUnavailable } from "../../sealing/keys";
import { Icon } from "../../ui/icons";
import type { Host } from "../../wallet/use-host";
import { GoLive } from "./go-live";
import { RekeyButton } from "./manage-room";
import { Obs } from "./obs";

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
        <GoLive key={room.room_id} room={room} whip={credentials.whip} onRefused={() => setTurn(turn + 1)} />
      ) : (
        <Obs room={room} credentials={credentials} />
      )}
    </section>
  );
}

type State = FoundCredentials | { kind: "reading" } | { kind: "unreachable" } | { kind: "keys"; why: KeysMissing };

/** The room's credentials, read again whenever the room's key or its sealing changes. */
function useCredentials(room: Room, host: Host, turn: number): State {
  const [state, setState] = useState<State>({ kind: "reading" });
  const { config, read } = host;
  useEffect(() => {
    if (config === null || read === null) return;
    const stopping = new AbortController();
    void (async () => {
      for (;;) {
        try {
          const found = await readCredentials(read, config.chain_id, room, stopping.signal);
          setState((before) => (same(before, found) ? before : found));
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
