/** A room's standing facts, as the chain has them. */
import type { ComponentChildren, JSX } from "preact";
import type { Room } from "../../api/types";
import { useAuditText } from "../../i18n/audit";
import { count, dateTime, useLanguage } from "../../i18n/format";
import { ShortAddress } from "../../ui/address";
import { Hash } from "../../ui/hash";
import { accessLabel } from "../../ui/labels";

export function RoomFacts({ room }: { room: Room }): JSX.Element {
  const t = useAuditText();
  const lang = useLanguage();
  return (
    <section class="block">
      <h2>{t.audit.facts}</h2>
      <dl class="settings">
        <Fact name={t.audit.contract}>
          <Hash of={room.contract} label={t.audit.contract} />
        </Fact>
        <Fact name={t.audit.host}>
          <ShortAddress of={room.host} />
        </Fact>
        <Fact name={t.audit.operator}>{room.operator_id}</Fact>
        <Fact name={t.audit.terms}>{room.terms_id}</Fact>
        <Fact name={t.audit.mode}>{room.mode === "webrtc" ? "WebRTC" : "HLS"}</Fact>
        <Fact name={t.audit.access}>
          {accessLabel(t, room.access)}
          {room.access === "gate" && room.gate !== null && <Hash of={room.gate} label={t.audit.access} />}
        </Fact>
        <Fact name={t.audit.created}>{dateTime(room.created_at, lang)}</Fact>
        <Fact name={t.audit.expires}>{dateTime(room.expires_at, lang)}</Fact>
        {room.uid !== null && (
          <Fact name={t.audit.liveInput}>
            <Hash of={room.uid} label={t.audit.liveInput} />
          </Fact>
        )}
        <Fact name={t.audit.tag}>
          <Hash of={room.tag} label={t.audit.tag} />
        </Fact>
        <Fact name={t.audit.keyVersion}>{count(room.key_version, lang)}</Fact>
        <Fact name={t.audit.released}>{room.released ? t.audit.yes : t.audit.no}</Fact>
      </dl>
    </section>
  );
}

export function Fact({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
