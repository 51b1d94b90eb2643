/** Broadcasting with OBS: what to copy where, for the room's mode. */
import type { JSX } from "preact";
import type { Room } from "../../api/types";
import { useText } from "../../i18n";
import type { Credentials } from "../../sealing/open";
import { useLive } from "../../stream/use-live";
import { CopyField } from "../../ui/copy-field";
import { Icon } from "../../ui/icons";
import { Pill } from "../../ui/pill";

const OBS_EVERY_MS = 4_000;

export function Obs({ room, credentials }: { room: Room; credentials: Credentials }): JSX.Element {
  const t = useText();
  const [live, seen] = useLive(room, OBS_EVERY_MS);
  return (
    <div class="panel obs" ref={seen}>
      <p class="obs-state" role="status">
        {live === true ? <Pill tone="live">{t.room.live}</Pill> : <Pill tone="wait">{t.obs.waiting}</Pill>}
      </p>
      {credentials.mode === "webrtc" ? <Whip whip={credentials.whip} /> : <Rtmps credentials={credentials} />}
      <p class="note">
        <Icon name="warn" /> {t.obs.secret}
      </p>
    </div>
  );
}

function Whip({ whip }: { whip: string }): JSX.Element {
  const t = useText();
  return (
    <>
      <ol class="list">
        <li>{t.obs.openSettings}</li>
        <li>{t.obs.serviceWhip}</li>
        <li>{t.obs.pasteServer}</li>
      </ol>
      <CopyField label={t.obs.server} value={whip} secret />
      <Settings
        rows={[[t.obs.token, t.obs.empty], ...encoder(t.obs), [t.obs.bframes, "0"], [t.obs.profile, "baseline"]]}
      />
    </>
  );
}

function Rtmps({ credentials }: { credentials: Extract<Credentials, { mode: "broadcast" }> }): JSX.Element {
  const t = useText();
  const { rtmps, srt } = credentials;
  return (
    <>
      <ol class="list">
        <li>{t.obs.openSettings}</li>
        <li>{t.obs.serviceCustom}</li>
        <li>{t.obs.pasteBoth}</li>
      </ol>
      <CopyField label={t.obs.server} value={rtmps.url} />
      <CopyField label={t.obs.streamKey} value={rtmps.streamKey} secret />
      <Settings rows={[...encoder(t.obs)]} />
      <details>
        <summary>{t.obs.srt}</summary>
        <CopyField label={t.obs.server} value={srtAddress(srt)} secret />
      </details>
    </>
  );
}

/** One address with everything, as OBS and ffmpeg take it. */
export function srtAddress(srt: { url: string; streamId: string; passphrase: string }): string {
  const query = `passphrase=${encodeURIComponent(srt.passphrase)}&streamid=${encodeURIComponent(srt.streamId)}`;
  return `${srt.url}?${query}`;
}

const encoder = (words: {
  encoder: string;
  keyframes: string;
  bitrate: string;
  seconds: string;
}): [string, string][] => [
  [words.encoder, "H.264"],
  [words.keyframes, words.seconds],
  [words.bitrate, "2500–4000 kbps"],
];

function Settings({ rows }: { rows: [string, string][] }): JSX.Element {
  return (
    <dl class="settings">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
