/**
 * Broadcasting with OBS: what to copy where, and the settings that Cloudflare asks for, by the room's
 * mode. Everything shown here was given to OBS or ffmpeg as it stands (`make interop`, docs/interop.md).
 */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { giveHint } from "../../api/client";
import type { Room } from "../../api/types";
import { type Catalogue, useText } from "../../i18n";
import type { Credentials } from "../../sealing/open";
import { CopyField } from "../../ui/copy-field";
import { Icon } from "../../ui/icons";
import { Pill } from "../../ui/pill";

/** OBS sends no key frame on demand, so a viewer who joins waits for the next. */
const WHIP_KEYFRAMES_S = 2;
/** Cloudflare refuses over 10 s, and advises 4 s to 8 s for HLS. */
const HLS_KEYFRAMES_S = 4;

export function Obs({ room, credentials }: { room: Room; credentials: Credentials }): JSX.Element {
  const t = useText();
  useEffect(() => giveHint(room.room_id), [room.room_id]);
  return (
    <div class="panel obs">
      <p class="obs-state" role="status">
        {room.live === true ? <Pill tone="live">{t.room.live}</Pill> : <Pill tone="wait">{t.obs.waiting}</Pill>}
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
        <li>{t.obs.openSettingsWhip}</li>
        <li>{t.obs.serviceWhip}</li>
        <li>{t.obs.pasteServer}</li>
      </ol>
      <CopyField label={t.obs.server} value={whip} secret />
      <p class="note">{t.obs.olderWhip}</p>
      <Settings
        rows={[
          [t.obs.token, t.obs.empty],
          ...encoding(t.obs, "Opus", WHIP_KEYFRAMES_S),
          [t.obs.profile, t.obs.profiles],
          [t.obs.bframes, "0"],
        ]}
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
      <Settings rows={encoding(t.obs, "AAC", HLS_KEYFRAMES_S)} />
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

/** What both modes need: Cloudflare's advice is the same for them but for sound and key frames. */
const encoding = (words: Catalogue["obs"], sound: string, keyframes: number): [string, string][] => [
  [words.fps, "30"],
  [words.audio, sound],
  [words.encoder, "H.264"],
  [words.rateControl, "CBR"],
  [words.bitrate, "3000–7000 kbps"],
  [words.keyframes, words.seconds(keyframes)],
];

function Settings({ rows }: { rows: [string, string][] }): JSX.Element {
  const t = useText();
  return (
    <>
      <p class="note">{t.obs.output}</p>
      <dl class="settings">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
