/** Cameras, microphones and screens that a test plugs, takes away, blocks and holds up. */
import { vi } from "vitest";
import type { Kind } from "../src/stream/devices";
import { storage } from "./fake-browser";

export class FakeTrack extends EventTarget {
  readyState: "live" | "ended" = "live";
  enabled = true;
  muted = false;
  contentHint = "";
  clones: FakeTrack[] = [];
  constructor(
    readonly kind: Kind,
    readonly device = "",
    readonly group = "",
    readonly label = device,
  ) {
    super();
  }
  stop() {
    this.readyState = "ended";
  }
  clone() {
    const made = new FakeTrack(this.kind, this.device, this.group);
    this.clones.push(made);
    return made;
  }
  getSettings = () => ({ deviceId: this.device, groupId: this.group });
  /** Ends as unplugged hardware does; `silently`: without its event. */
  end(silently = false) {
    this.readyState = "ended";
    if (!silently) this.dispatchEvent(new Event("ended"));
  }
  hold(muted: boolean, silently = false) {
    this.muted = muted;
    if (!silently) this.dispatchEvent(new Event(muted ? "mute" : "unmute"));
  }
}

interface Device {
  kind: Kind;
  deviceId: string;
  groupId: string;
}

interface Wanted {
  deviceId?: { exact: string };
}

const refused = (name: string) => new DOMException("", name);

export class FakeMedia extends EventTarget {
  devices: Device[] = [];
  blocked: Kind[] = [];
  busy: Kind[] = [];
  permission: Record<Kind, PermissionState> = { video: "granted", audio: "granted" };
  /** Only one camera at a time. */
  exclusive = false;
  /** Questions to the person that are not answered until `answer`. */
  asks = false;
  asked: string[] = [];
  opened: FakeTrack[] = [];
  screens: FakeTrack[][] = [];
  private waiting: (() => void)[] = [];

  plug(kind: Kind, deviceId: string, silently = false, groupId = `of-${deviceId}`) {
    this.devices.push({ kind, deviceId, groupId });
    if (!silently) this.dispatchEvent(new Event("devicechange"));
  }
  unplug(deviceId: string, silently = false) {
    this.devices = this.devices.filter((one) => one.deviceId !== deviceId);
    for (const track of this.live()) if (track.device === deviceId) track.end(silently);
    if (!silently) this.dispatchEvent(new Event("devicechange"));
  }
  live = (kind?: Kind) =>
    this.opened.filter((one) => one.readyState === "live" && (kind === undefined || one.kind === kind));
  answer() {
    for (const go of this.waiting.splice(0)) go();
  }

  enumerateDevices = async () => this.devices.map((one) => ({ ...one, kind: `${one.kind}input`, label: one.deviceId }));

  getUserMedia = async (wanted: Partial<Record<Kind, Wanted>>) => {
    const kinds = (["video", "audio"] as const).filter((kind) => wanted[kind] !== undefined);
    this.asked.push(kinds.join("+"));
    if (this.asks) await new Promise<void>((go) => this.waiting.push(go));
    const chosen = kinds.map((kind) => {
      const exact = wanted[kind]?.deviceId?.exact;
      const all = this.devices.filter((one) => one.kind === kind);
      const device = exact === undefined ? all[0] : all.find((one) => one.deviceId === exact);
      if (device === undefined) throw refused(all.length === 0 ? "NotFoundError" : "OverconstrainedError");
      if (this.blocked.includes(kind)) throw refused("NotAllowedError");
      const taken = this.exclusive && this.live(kind).some((one) => one.device !== device.deviceId);
      if (this.busy.includes(kind) || taken) throw refused("NotReadableError");
      return device;
    });
    return this.stream(chosen.map(({ kind, deviceId, groupId }) => new FakeTrack(kind, deviceId, groupId)));
  };

  getDisplayMedia = async () => {
    if (this.asks) await new Promise<void>((go) => this.waiting.push(go));
    const tracks = this.screens.shift();
    if (tracks === undefined) throw refused("NotAllowedError");
    return this.stream(tracks);
  };

  private stream(tracks: FakeTrack[]) {
    this.opened.push(...tracks);
    return { getTracks: () => tracks, getAudioTracks: () => tracks.filter(({ kind }) => kind === "audio") };
  }
}

/** A browser with these devices, in fake time; what it remembers is answered. */
export function stubBrowser(media: FakeMedia): { local: Map<string, string>; session: Map<string, string> } {
  const kept = { local: new Map<string, string>(), session: new Map<string, string>() };
  vi.stubGlobal("localStorage", storage(kept.local));
  vi.stubGlobal("sessionStorage", storage(kept.session));
  vi.stubGlobal("addEventListener", () => {});
  vi.stubGlobal("removeEventListener", () => {});
  vi.stubGlobal("navigator", {
    mediaDevices: media,
    permissions: {
      query: async ({ name }: { name: string }) => ({
        state: media.permission[name === "camera" ? "video" : "audio"],
      }),
    },
    locks: {
      request: (_name: string, _options: object, use: (lock: object) => unknown) => void use({}),
    },
  });
  return kept;
}
