/** Cameras, microphones and screens. */

export type Source = "camera" | "screen";

export interface Chosen {
  camera: string | null;
  microphone: string | null;
}

/** no: the person or the system refused. none: there is no such device. busy: another program has it. */
export type MediaTrouble = "no" | "none" | "busy" | "other";

export function troubleOf(error: unknown): MediaTrouble {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "no";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "none";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "other";
}

const id = (device: string | null) => (device === null ? {} : { deviceId: { exact: device } });

export async function openCamera(chosen: Chosen): Promise<MediaStream> {
  const audio = { ...id(chosen.microphone), echoCancellation: true, noiseSuppression: true };
  const video = {
    ...id(chosen.camera),
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30, max: 30 },
  };
  const stream = await navigator.mediaDevices.getUserMedia({ audio, video });
  for (const track of stream.getVideoTracks()) track.contentHint = "motion";
  return stream;
}

export async function openMicrophone(chosen: Chosen): Promise<MediaStreamTrack | null> {
  const audio = { ...id(chosen.microphone), echoCancellation: true, noiseSuppression: true };
  const stream = await navigator.mediaDevices.getUserMedia({ audio });
  return stream.getAudioTracks()[0] ?? null;
}

/** The screen, with its sound where the browser offers it. */
export async function openScreen(): Promise<MediaStream> {
  const stream = await navigator.mediaDevices.getDisplayMedia({
    video: { frameRate: { ideal: 30, max: 30 } },
    audio: true,
  });
  for (const track of stream.getVideoTracks()) track.contentHint = "detail";
  return stream;
}

export const canShareScreen = (): boolean => "getDisplayMedia" in (navigator.mediaDevices ?? {});

export interface Devices {
  cameras: MediaDeviceInfo[];
  microphones: MediaDeviceInfo[];
}

export async function listDevices(): Promise<Devices> {
  const all = await navigator.mediaDevices.enumerateDevices();
  const of = (kind: MediaDeviceKind) => all.filter((one) => one.kind === kind && one.deviceId !== "");
  return { cameras: of("videoinput"), microphones: of("audioinput") };
}

export function halt(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
