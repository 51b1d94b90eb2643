/**
 * Cameras, microphones and screens, as the browser gives them. Promises: a camera is to be had
 * without a microphone and the other way round; who has refused is not asked again at once.
 */

export type Source = "camera" | "screen";
export type Kind = "video" | "audio";

/** no: the person or the system refused. none: there is no such device. busy: another program has it. */
export type MediaTrouble = "no" | "none" | "busy" | "other";

export function troubleOf(error: unknown): MediaTrouble {
  const name = error instanceof DOMException || error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "no";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "none";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "other";
}

const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
const AUDIO = { echoCancellation: true, noiseSuppression: true };

function wanted(kind: Kind, device: string | null): MediaTrackConstraints {
  const all = kind === "video" ? VIDEO : AUDIO;
  return device === null ? all : { ...all, deviceId: { exact: device } };
}

/** Opens one device; `device` null: any. */
export async function openDevice(kind: Kind, device: string | null): Promise<MediaStreamTrack> {
  const stream = await navigator.mediaDevices.getUserMedia({ [kind]: wanted(kind, device) });
  return first(stream, kind);
}

/** Opens both by one question to the person; throws where either is not to be had. */
export async function openBoth(chosen: Record<Kind, string | null>): Promise<Record<Kind, MediaStreamTrack>> {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: wanted("video", chosen.video),
    audio: wanted("audio", chosen.audio),
  });
  return { video: first(stream, "video"), audio: first(stream, "audio") };
}

function first(stream: MediaStream, kind: Kind): MediaStreamTrack {
  const track = stream.getTracks().find((one) => one.kind === kind);
  if (track === undefined) throw new DOMException("", "NotFoundError");
  if (kind === "video") track.contentHint = "motion";
  return track;
}

/** Whether the browser would let this page have such a device; null: it does not say. */
export async function permissionOf(kind: Kind): Promise<PermissionState | null> {
  try {
    const name = kind === "video" ? "camera" : "microphone";
    return (await navigator.permissions.query({ name: name as PermissionName })).state;
  } catch {
    return null;
  }
}

export interface Screen {
  video: MediaStreamTrack;
  /** Null where none is shared. */
  sound: MediaStreamTrack | null;
}

/** A screen, a window or a tab, with its sound where the browser offers it: as it is, for it is no voice. */
export async function openScreen(): Promise<Screen> {
  const stream = await navigator.mediaDevices.getDisplayMedia({
    video: { frameRate: { ideal: 30, max: 30 } },
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  const video = first(stream, "video");
  video.contentHint = "detail";
  return { video, sound: stream.getAudioTracks()[0] ?? null };
}

export const canShareScreen = (): boolean => "getDisplayMedia" in (navigator.mediaDevices ?? {});

/** The devices there are. Before permission they have no ids. */
export async function listDevices(kind: Kind): Promise<MediaDeviceInfo[]> {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return all.filter((one) => one.kind === `${kind}input`);
}

/**
 * Whether its own host sees it as in a mirror: a camera that looks at them. Where the camera does
 * not say, that of a desk does, and of a phone's nobody knows.
 */
export function isMirrored(camera: MediaStreamTrack): boolean {
  const { facingMode } = camera.getSettings();
  if (facingMode !== undefined && facingMode !== "") return facingMode === "user";
  return matchMedia("(hover: hover) and (pointer: fine)").matches;
}

export function halt(tracks: MediaStreamTrack[]): void {
  for (const track of tracks) track.stop();
}
