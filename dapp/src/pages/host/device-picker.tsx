/** Which camera, which microphone. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useStore } from "../../base/store";
import { useText } from "../../i18n";
import type { Broadcaster } from "../../stream/broadcaster";
import { listDevices } from "../../stream/devices";
import type { MediaInput } from "../../stream/media-input";

const LOOK_MS = 5_000; // a phone does not tell of a device that comes

export function DevicePicker({ broadcaster }: { broadcaster: Broadcaster }): JSX.Element {
  const t = useText();
  const { source } = useStore(broadcaster.picture);
  return (
    <div class="devices">
      {source === "camera" && <Select label={t.live.camera} input={broadcaster.camera} />}
      <Select label={t.live.microphone} input={broadcaster.microphone} />
    </div>
  );
}

function Select({ label, input }: { label: string; input: MediaInput }): JSX.Element {
  const [devices, setDevices] = useState<MediaDeviceInfo[]>([]);
  const { track } = useStore(input.state);
  useEffect(() => {
    const renew = () =>
      void listDevices(input.kind).then(
        (all) => setDevices(all.filter(({ deviceId }) => deviceId !== "")),
        () => {}, // the list stays as it was
      );
    renew();
    const timer = setInterval(renew, LOOK_MS);
    navigator.mediaDevices.addEventListener("devicechange", renew);
    return () => {
      clearInterval(timer);
      navigator.mediaDevices.removeEventListener("devicechange", renew);
    };
  }, [input, track]);
  const value = track?.getSettings().deviceId ?? "";
  const known = devices.some(({ deviceId }) => deviceId === value);
  return (
    <label class="field">
      <span class="label">{label}</span>
      <select
        value={known ? value : ""}
        disabled={devices.length < (known ? 2 : 1)}
        onChange={(event) => void input.choose(event.currentTarget.value)}
      >
        {!known && <option value="">–</option>}
        {devices.map((device, at) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label || `${label} ${at + 1}`}
          </option>
        ))}
      </select>
    </label>
  );
}
