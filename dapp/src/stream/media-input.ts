/**
 * A host's camera, or microphone: opened, watched, lost and found again.
 *
 * Promises: of two devices where only one may be open, the second replaces the first, which comes
 * back if that fails. A remembered device that is gone is forgotten. One that ends is told at once
 * or at the next look, and opened again when it is there again; a microphone is replaced by another
 * meanwhile, a camera never without the person. What the system mutes (a phone call) is told until
 * that is over. A device that comes after `cancel` or `close` is closed.
 * Assumes: `ended`, `mute` and `devicechange` may not come; every 2 s it looks for itself.
 */
import { recall, remember } from "../base/storage";
import { store } from "../base/store";
import { type Kind, listDevices, type MediaTrouble, openBoth, openDevice, permissionOf, troubleOf } from "./devices";

/** Why nothing comes of it. lost: it was there. held: the system has muted it. */
export type Lack = MediaTrouble | "lost" | "held";

export interface InputState {
  track: MediaStreamTrack | null;
  lack: Lack | null;
  /** The device asked for last was not to be had, and another one is used. */
  trouble: MediaTrouble | null;
  /** The name of the device in use in place of one that was lost. */
  instead: string | null;
  opening: boolean;
}

interface Known {
  deviceId: string;
  groupId: string;
}

const CLOSED: InputState = { track: null, lack: null, trouble: null, instead: null, opening: false };
const STORED = { video: "camera", audio: "microphone" } as const;
/** Chromium's names for whichever device the system prefers now. */
const ALIASES = ["default", "communications"];
const LOOK_MS = 2_000;
const TRY_MS = 8_000; // a device that is there, and does not open

export class MediaInput {
  readonly state = store<InputState>(CLOSED);
  /** The person's choice; null: any. */
  chosen: string | null;
  private turn = 0;
  private using: Known | null = null;
  private lost: Known | null = null;
  private refusedAs: PermissionState | null = null;
  private listed = "";
  private triedAt = 0;
  private returning = false;
  private replacing = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly kind: Kind) {
    this.chosen = recall(STORED[kind]);
  }

  /** Opens `device`, or any; beside the one in use, if that can be. Answers whether one is open now. */
  async open(device: string | null = this.chosen): Promise<boolean> {
    this.lost = null;
    return this.change(device, false);
  }

  /** The person's choice, remembered. */
  async choose(device: string): Promise<void> {
    if (await this.open(device)) this.keep(this.using?.deviceId ?? null);
  }

  /** No longer waits for what is being opened. */
  cancel(): void {
    if (!this.state.get().opening) return;
    this.turn += 1;
    this.replacing = false;
    this.set({ opening: false });
    this.look();
  }

  /** The person has read that another device is in use. */
  accept(): void {
    this.lost = null;
    this.set({ instead: null, trouble: null });
  }

  close(): void {
    this.turn += 1;
    clearTimeout(this.timer);
    this.timer = undefined;
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.look);
    this.state.get().track?.stop();
    this.using = null;
    this.lost = null;
    this.replacing = false;
    this.state.set(CLOSED);
  }

  /** From now on something is being opened. `quiet`: not by the person's wish. */
  begin(quiet = false): number {
    this.watch();
    this.set(quiet ? { opening: false } : { opening: true, trouble: null });
    return ++this.turn;
  }

  /** Of `openInputs`: both together were not to be had, for `why`. */
  async openAlone(why: MediaTrouble, turn: number): Promise<void> {
    if (turn !== this.turn) return;
    const permission = why === "no" ? await permissionOf(this.kind) : null;
    // a person who has just refused, or closed the question, is not asked twice more
    const refused = permission === "denied" || permission === "prompt";
    await this.finish(refused ? "no" : await this.attempt(this.chosen, false), turn);
  }

  /** The device that was opened in `turn`; closed where that is over. */
  take(track: MediaStreamTrack, turn: number): boolean {
    if (turn !== this.turn) {
      track.stop();
      return false;
    }
    const before = this.state.get().track;
    if (before !== track) before?.stop();
    const { deviceId = "", groupId = "" } = track.getSettings();
    this.using = { deviceId, groupId };
    for (const event of ["ended", "mute", "unmute"]) track.addEventListener(event, this.look);
    this.replacing = false;
    const instead = this.lost !== null && !isSame(this.using, this.lost) ? track.label : null;
    if (instead === null) this.lost = null;
    this.set({ track, lack: track.muted ? "held" : null, trouble: null, instead, opening: false });
    return true;
  }

  private keep(device: string | null): void {
    this.chosen = device;
    remember(STORED[this.kind], device);
  }

  private set(changed: Partial<InputState>): void {
    this.state.set({ ...this.state.get(), ...changed });
  }

  private watch(): void {
    if (this.timer !== undefined) return;
    navigator.mediaDevices?.addEventListener?.("devicechange", this.look);
    const again = () => {
      this.look();
      this.timer = setTimeout(again, LOOK_MS);
    };
    this.timer = setTimeout(again, LOOK_MS);
  }

  /** `exact`: no other device than this one. */
  private async change(device: string | null, exact: boolean, quiet = false): Promise<boolean> {
    const before = this.state.get().track;
    const known = this.using;
    const turn = this.begin(quiet);
    let next = await this.attempt(device, exact || before !== null);
    if ((next === "busy" || next === "other") && before !== null && turn === this.turn && !quiet) {
      // only one may be open; what works is not stopped but by the person's wish
      this.replacing = true;
      before.stop();
      next = await this.attempt(device, true);
      if (typeof next === "string" && turn === this.turn) {
        const back = await this.attempt(known?.deviceId || null, true);
        if (typeof back !== "string") {
          if (this.take(back, turn)) this.set({ trouble: next });
          return false;
        }
      }
    }
    return this.finish(next, turn, quiet);
  }

  private async finish(next: MediaStreamTrack | MediaTrouble, turn: number, quiet = false): Promise<boolean> {
    if (typeof next !== "string") return this.take(next, turn);
    if (next === "no") this.refusedAs = await permissionOf(this.kind);
    if (turn === this.turn) this.failed(next, quiet);
    return false;
  }

  private failed(trouble: MediaTrouble, quiet: boolean): void {
    const { track, lack, trouble: before } = this.state.get();
    this.replacing = false;
    this.triedAt = Date.now();
    if (track !== null && track.readyState !== "ended") {
      this.set({ trouble: quiet ? before : trouble, opening: false });
    } else {
      // one that was lost and is not there yet is lost
      const still = lack === "lost" && trouble === "none" ? lack : trouble;
      this.set({ track: null, lack: still, trouble: null, instead: null, opening: false });
    }
  }

  /** A device, or why not. One that is gone is forgotten, and any other is as good. */
  private async attempt(device: string | null, exact: boolean): Promise<MediaStreamTrack | MediaTrouble> {
    try {
      return await openDevice(this.kind, device);
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble !== "none" || device === null || exact) return trouble;
    }
    if (device === this.chosen) this.keep(null);
    return this.attempt(null, true);
  }

  private readonly look = (): void => {
    const { track, lack, opening } = this.state.get();
    if (this.timer === undefined || this.replacing) return;
    if (track?.readyState === "ended") {
      this.lost = this.using;
      this.using = null;
      this.listed = "";
      this.set({ track: null, lack: "lost", instead: null });
    } else if (track !== null && track.muted !== (lack === "held")) {
      this.set({ lack: track.muted ? "held" : null });
    }
    if (!opening) void this.comeBack();
  };

  /** Opens what is missing as soon as it may be there. */
  private async comeBack(): Promise<void> {
    const { lack, instead } = this.state.get();
    if (this.returning || lack === "held" || (lack === null && instead === null)) return;
    this.returning = true;
    try {
      const turn = this.turn;
      const there = await listDevices(this.kind);
      const granted = lack === "no" && this.refusedAs !== "granted" && (await permissionOf(this.kind)) === "granted";
      if (turn !== this.turn) return;
      const listed = there.map(({ deviceId, groupId }) => `${deviceId} ${groupId}`).join();
      const news = listed !== this.listed;
      this.listed = listed;
      if (!news && !granted && Date.now() - this.triedAt < TRY_MS) return;
      const next = this.next(there, granted);
      if (next === undefined) return;
      this.triedAt = Date.now();
      await this.change(next, next !== null && this.lost !== null, true);
    } catch {
      // asked again at the next look
    } finally {
      this.returning = false;
    }
  }

  /** What to open now: null any, undefined nothing. */
  private next(there: MediaDeviceInfo[], granted: boolean): string | null | undefined {
    const { lack } = this.state.get();
    if (lack === "no") return granted ? this.chosen : undefined;
    if (this.lost === null) return there.length > 0 ? this.chosen : undefined;
    const { lost } = this;
    const same = there.find((one) => isSame(one, lost));
    if (same !== undefined) return same.deviceId;
    return this.kind === "audio" && lack !== null && there.length > 0 ? null : undefined;
  }
}

const isSame = (one: Known, lost: Known): boolean =>
  ALIASES.includes(lost.deviceId) && lost.groupId !== ""
    ? one.groupId === lost.groupId
    : one.deviceId === lost.deviceId;

/** Opens camera and microphone by one question if that can be, else each for itself. */
export async function openInputs(camera: MediaInput, microphone: MediaInput): Promise<void> {
  const turns = { video: camera.begin(), audio: microphone.begin() };
  let trouble: MediaTrouble;
  try {
    const both = await openBoth({ video: camera.chosen, audio: microphone.chosen });
    camera.take(both.video, turns.video);
    microphone.take(both.audio, turns.audio);
    return;
  } catch (error) {
    trouble = troubleOf(error);
  }
  for (const input of [camera, microphone]) await input.openAlone(trouble, turns[input.kind]);
}
