/** A room's history, and its check in the browser. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { configState, isConfig } from "../../api/config";
import type { Config, Room } from "../../api/types";
import { useEvents } from "../../api/use-events";
import { useRoom } from "../../api/use-room";
import { chosenNode, nodeOf } from "../../audit/chosen-node";
import { type CheckReport, checkRoom } from "../../audit/room-check";
import { sameHex } from "../../base/hex";
import { useStore } from "../../base/store";
import { overHttp } from "../../contract/rpc";
import { useAuditText } from "../../i18n/audit";
import { Icon } from "../../ui/icons";
import { stateLabel } from "../../ui/labels";
import { Pill } from "../../ui/pill";
import { RoomTitle } from "../../ui/room-title";
import { Checks } from "./checks";
import { RoomFacts } from "./facts";
import { NodeField } from "./node-field";
import { Timeline } from "./timeline";

export function RoomAuditPage({ id }: { id: string }): JSX.Element {
  const t = useAuditText();
  const settings = useStore(configState);
  const state = useRoom(id);
  const room = state.kind === "known" ? state.room : null;
  useEffect(() => {
    document.title = `${id} · ${t.nav.audit} · ${t.common.name}`;
  }, [id, t]);
  return (
    <main class="narrow audit" id="main">
      <p class="crumb">
        <a href="/audit">
          <Icon name="back" /> {t.nav.audit}
        </a>
      </p>
      {state.kind === "unknown" && (
        <div class="empty">
          <h1>{t.viewer.unknown}</h1>
          <p>{t.viewer.unknownMore}</p>
        </div>
      )}
      {state.kind === "unreachable" && (
        <p class="note" role="status">
          {t.common.unreachable}. {t.common.tryingAgain}
        </p>
      )}
      {room !== null && isConfig(settings) && <Known room={room} config={settings} />}
    </main>
  );
}

function Known({ room, config }: { room: Room; config: Config }): JSX.Element {
  const t = useAuditText();
  const [tone, word] = stateLabel(t, room, null);
  const events = useEvents(room);
  return (
    <>
      <header class="room-head">
        <div>
          <h1>
            <RoomTitle title={room.title} />
          </h1>
          <p class="facts">
            <Pill tone={tone}>{word}</Pill>
            <a href={`/room/${room.room_id}`}>{room.room_id}</a>
          </p>
        </div>
      </header>
      <CheckPanel room={room} config={config} />
      <section class="block">
        <h2>{t.audit.timeline}</h2>
        {events === null ? (
          <div class="ghost line" role="status" aria-busy="true" aria-label={t.common.loading} />
        ) : (
          <Timeline events={events} />
        )}
      </section>
      <RoomFacts room={room} />
    </>
  );
}

type Checking = { kind: "idle" } | { kind: "busy" } | { kind: "done"; report: CheckReport } | { kind: "failed" };

function CheckPanel({ room, config }: { room: Room; config: Config }): JSX.Element {
  const t = useAuditText();
  const chosen = useStore(chosenNode);
  const [state, setState] = useState<Checking>({ kind: "idle" });
  const stopping = useRef(new AbortController());
  useEffect(() => () => stopping.current.abort(), []);
  const address = nodeOf(config, chosen);
  const about = config.contracts.find((one) => sameHex(one.address, room.contract));

  async function check() {
    stopping.current.abort();
    stopping.current = new AbortController();
    const { signal } = stopping.current;
    setState({ kind: "busy" });
    try {
      const report = await checkRoom({
        request: overHttp(address),
        chainId: config.chain_id,
        contract: room.contract,
        startBlock: Math.max(about?.start_block ?? 0, room.created.block),
        id: room.room_id,
        signal,
      });
      setState({ kind: "done", report });
    } catch {
      if (!signal.aborted) setState({ kind: "failed" });
    }
  }

  return (
    <section class="panel" aria-live="polite">
      <h2>{t.audit.check}</h2>
      <p class="dim">{t.audit.checkMore}</p>
      <NodeField config={config} />
      <div class="buttons">
        <button
          type="button"
          class="button primary"
          disabled={state.kind === "busy" || address === ""}
          onClick={() => void check()}
        >
          <Icon name="shield" /> {state.kind === "busy" ? t.audit.checking : t.audit.checkButton}
        </button>
      </div>
      {state.kind === "failed" && (
        <p class="note bad" role="alert">
          {t.audit.nodeFailed}
        </p>
      )}
      {state.kind === "done" && <Checks report={state.report} />}
    </section>
  );
}
