/** Which camera, which microphone. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useText } from "../../i18n";
import type { Broadcaster } from "../../stream/broadcaster";
import { type Devices, listDevices } from "../../stream/devices";

export function DevicePicker({ broadcaster, stream }: { broadcaster: Broadcaster; stream: MediaStream }): JSX.Element {
  const t = useText();
  const [devices, setDevices] = useState<Devices>({ cameras: [], microphones: [] });
  useEffect(() => {
    const renew = () => void listDevices().then(setDevices);
    renew();
    navigator.mediaDevices.addEventListener("devicechange", renew);
    return () => navigator.mediaDevices.removeEventListener("devicechange", renew);
  }, [stream]);
  const using = (kind: string) =>
    stream
      .getTracks()
      .find((track) => track.kind === kind)
      ?.getSettings().deviceId ?? "";
  return (
    <div class="devices">
      <Select
        label={t.live.camera}
        devices={devices.cameras}
        value={using("video")}
        choose={(camera) => void broadcaster.choose({ ...broadcaster.chosen, camera })}
      />
      <Select
        label={t.live.microphone}
        devices={devices.microphones}
        value={using("audio")}
        choose={(microphone) => void broadcaster.choose({ ...broadcaster.chosen, microphone })}
      />
    </div>
  );
}

interface SelectProps {
  label: string;
  devices: MediaDeviceInfo[];
  value: string;
  choose: (id: string) => void;
}

function Select({ label, devices, value, choose }: SelectProps): JSX.Element {
  return (
    <label class="field">
      <span class="label">{label}</span>
      <select value={value} disabled={devices.length < 2} onChange={(event) => choose(event.currentTarget.value)}>
        {devices.map((device, at) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label || `${label} ${at + 1}`}
          </option>
        ))}
      </select>
    </label>
  );
}
