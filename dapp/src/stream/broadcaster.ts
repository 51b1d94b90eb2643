/**
 * The host's own picture and sound, and whether it goes out: one object per room, so that components
 * only show and press.
 *
 * Promises: while on air, changing camera, microphone or screen does not interrupt; a device that
 * is unplugged is told; what was on air before a reload is remembered for this tab.
 */
import { recall, remember } from "../base/storage";
import { store } from "../base/store";
import { sleep } from "../base/time";
import {
  type Chosen,
  halt,
  type MediaTrouble,
  openCamera,
  openMicrophone,
  openScreen,
  type Source,
  troubleOf,
} from "./devices";
import { onAirRoom } from "./on-air";
import { askForTabLock, type TabLock, takeTabLock } from "./tab-lock";
import { type Publisher, type PublisherState, publish } from "./whip-publisher";

export interface Picture {
  source: Source | null;
  stream: MediaStream | null;
  muted: boolean;
  dark: boolean;
  trouble: MediaTrouble | null;
  opening: boolean;
}

export type AirState = { kind: "off" } | { kind: "elsewhere" } | PublisherState;

const NOTHING: Picture = { source: null, stream: null, muted: false, dark: false, trouble: null, opening: false };
const broadcasters = new Map<string, Broadcaster>();

/** The broadcaster of a room. It outlives the page it is shown on while it is on air. */
export function broadcasterOf(room: string, whip: string): Broadcaster {
  const kept = broadcasters.get(room);
  if (kept !== undefined && kept.whip === whip) return kept;
  kept?.close();
  const made = new Broadcaster(room, whip);
  broadcasters.set(room, made);
  return made;
}

const TURN_TRIES = 12;
const TURN_WAIT_MS = 250;

export class Broadcaster {
  readonly picture = store<Picture>(NOTHING);
  readonly air = store<AirState>({ kind: "off" });
  chosen: Chosen = { camera: recall("camera"), microphone: recall("microphone") };
  private publisher: Publisher | null = null;
  private lock: TabLock | null = null;

  constructor(
    readonly room: string,
    readonly whip: string,
  ) {}

  /** What was on air in this tab before a reload. */
  before(): Source | null {
    const kept = recall(`on-air.${this.room}`, "session");
    return kept === "camera" || kept === "screen" ? kept : null;
  }

  async open(source: Source): Promise<boolean> {
    const now = this.picture.get();
    this.picture.set({ ...now, opening: true, trouble: null });
    try {
      const stream = source === "camera" ? await this.camera() : await this.screen(now.stream);
      this.show(source, stream);
      return true;
    } catch (error) {
      const trouble = troubleOf(error);
      // closing the browser's own choice of screens is no trouble
      const closed = source === "screen" && trouble === "no";
      this.picture.set({ ...this.picture.get(), opening: false, trouble: closed ? null : trouble });
      return false;
    }
  }

  /** Opens a source and goes on air with it. */
  async resume(source: Source): Promise<void> {
    if (await this.open(source)) await this.goLive();
  }

  /** Another camera or microphone. */
  async choose(next: Chosen): Promise<void> {
    this.chosen = next;
    remember("camera", next.camera);
    remember("microphone", next.microphone);
    if (this.picture.get().source === "camera") await this.open("camera");
  }

  mute(muted: boolean): void {
    this.enable("audio", !muted);
    this.picture.set({ ...this.picture.get(), muted });
  }

  darken(dark: boolean): void {
    this.enable("video", !dark);
    this.picture.set({ ...this.picture.get(), dark });
  }

  /** Goes on air. `takeOver`: asks another tab of this browser to leave first. */
  async goLive(takeOver = false): Promise<void> {
    const { stream, source } = this.picture.get();
    if (stream === null || source === null || this.publisher !== null) return;
    if (takeOver) askForTabLock(this.room);
    const leave = () => {
      this.stop();
      this.air.set({ kind: "elsewhere" });
    };
    for (let tries = 0; this.lock === null; tries++) {
      this.lock = await takeTabLock(this.room, leave);
      if (this.lock === null && tries >= (takeOver || this.before() !== null ? TURN_TRIES : 0)) {
        this.air.set({ kind: "elsewhere" });
        return;
      }
      if (this.lock === null) await sleep(TURN_WAIT_MS);
    }
    remember(`on-air.${this.room}`, source, "session");
    onAirRoom.set(this.room);
    this.publisher = publish(this.whip, tracksOf(stream), (state) => {
      this.air.set(state);
      if (state.kind === "refused") this.leave();
    });
  }

  sent() {
    return this.publisher?.sent() ?? Promise.resolve(null);
  }

  /** Another connection, since this one does not do. */
  renew(): void {
    this.publisher?.renew();
  }

  /** Goes off air; the preview stays. */
  stop(): void {
    remember(`on-air.${this.room}`, null, "session");
    this.leave();
    this.air.set({ kind: "off" });
  }

  /** It is no longer shown: camera off, unless it is on air. */
  hide(): void {
    if (this.publisher === null) this.close();
  }

  close(): void {
    this.leave();
    this.air.set({ kind: "off" });
    halt(this.picture.get().stream);
    this.picture.set(NOTHING);
  }

  private leave(): void {
    this.publisher?.stop();
    this.publisher = null;
    this.lock?.release();
    this.lock = null;
    if (onAirRoom.get() === this.room) onAirRoom.set(null);
  }

  private camera(): Promise<MediaStream> {
    return openCamera(this.chosen).catch((error: unknown) => {
      // a remembered device that is gone must not keep the others away
      if (troubleOf(error) !== "none" || this.chosen.camera === null) throw error;
      this.chosen = { camera: null, microphone: null };
      return openCamera(this.chosen);
    });
  }

  /** The screen, with its own sound or else the microphone's. */
  private async screen(old: MediaStream | null): Promise<MediaStream> {
    const stream = await openScreen();
    if (stream.getAudioTracks().length === 0) {
      const kept = old?.getAudioTracks()[0];
      const voice = kept ?? (await openMicrophone(this.chosen).catch(() => null));
      if (voice) stream.addTrack(voice);
    }
    return stream;
  }

  private show(source: Source, stream: MediaStream): void {
    const before = this.picture.get();
    const kept = new Set(stream.getTracks());
    for (const track of before.stream?.getTracks() ?? []) if (!kept.has(track)) track.stop();
    const { video, audio } = tracksOf(stream);
    if (video !== null) {
      video.enabled = !before.dark;
      video.onended = () => this.lost(stream);
    }
    if (audio !== null) audio.enabled = !before.muted;
    this.picture.set({ ...before, source, stream, trouble: null, opening: false });
    if (this.publisher !== null) {
      remember(`on-air.${this.room}`, source, "session");
      void this.publisher.replace("video", video);
      void this.publisher.replace("audio", audio);
    }
  }

  /** The picture ended by itself: unplugged, or the person stopped sharing. */
  private lost(stream: MediaStream): void {
    const now = this.picture.get();
    if (now.stream !== stream) return;
    if (now.source === "screen") void this.open("camera");
    else this.picture.set({ ...now, trouble: "none" });
  }

  private enable(kind: "audio" | "video", on: boolean): void {
    for (const track of this.picture.get().stream?.getTracks() ?? []) {
      if (track.kind === kind) track.enabled = on;
    }
  }
}

const tracksOf = (stream: MediaStream) => ({
  video: stream.getVideoTracks()[0] ?? null,
  audio: stream.getAudioTracks()[0] ?? null,
});
