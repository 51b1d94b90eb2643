/**
 * The host's own picture and sound, and whether it goes out: one object per room, so that components
 * only show and press.
 *
 * Promises: while on air, changing, losing or finding camera, microphone or screen does not interrupt;
 * what is missing is told, and the rest goes out. What was on air before a reload is remembered for
 * this tab, muted or hidden as it was. Neither wallet nor account is known here. Devices that nobody
 * sees are closed, unless they are on air.
 */
import { store } from "../base/store";
import { sleep } from "../base/time";
import { halt, type Kind, type MediaTrouble, openScreen, type Screen, type Source, troubleOf } from "./devices";
import { type InputState, type Lack, MediaInput, openInputs } from "./media-input";
import { airMark, onAirRoom } from "./on-air";
import { type SharedSound, Sound } from "./sound";
import { askForTabLock, type TabLock, takeTabLock } from "./tab-lock";
import { type Publisher, type PublisherState, publish } from "./whip-publisher";
import type { Tracks } from "./whip-session";

/** Of one kind: what goes out, or why nothing does. off: the person has not asked for it. */
interface Part extends Omit<InputState, "lack"> {
  lack: Lack | "off" | null;
}

export interface Picture {
  /** Null while nothing is to be seen or heard yet. */
  source: Source | null;
  video: Part;
  audio: Part;
  shared: SharedSound;
  muted: boolean;
  dark: boolean;
  /** Why the screen could not be shared. */
  trouble: MediaTrouble | null;
  opening: boolean;
}

export type AirState = { kind: "off" } | { kind: "elsewhere" } | PublisherState;

const broadcasters = new Map<string, Broadcaster>();

/** The broadcaster of a room. It outlives the page it is shown on while it is on air. */
export function broadcasterOf(room: string, whip: string): Broadcaster {
  const kept = broadcasters.get(room);
  if (kept !== undefined) {
    kept.move(whip);
    return kept;
  }
  const made = new Broadcaster(room, whip);
  broadcasters.set(room, made);
  return made;
}

const TURN_TRIES = 12;
const TURN_WAIT_MS = 250;
const LOOK_MS = 2_000;

export class Broadcaster {
  readonly camera = new MediaInput("video");
  readonly microphone = new MediaInput("audio");
  readonly sound = new Sound();
  readonly air = store<AirState>({ kind: "off" });
  readonly picture = store<Picture>({
    source: null,
    video: { ...this.camera.state.get() },
    audio: { ...this.microphone.state.get() },
    shared: "no",
    muted: false,
    dark: false,
    trouble: null,
    opening: false,
  });
  private screen: Screen | null = null;
  /** Whether the person has asked for the camera since they came. */
  private faced = false;
  private begun = false;
  private asking = false;
  private muted = false;
  private dark = false;
  private trouble: MediaTrouble | null = null;
  private turn = 0;
  private airTurn = 0;
  private goingOn = false;
  private shown = 0;
  private publisher: Publisher | null = null;
  private sending: Tracks = { video: null, audio: null };
  private published: Tracks = { video: null, audio: null };
  private lock: TabLock | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly room: string,
    private whip: string,
  ) {
    this.asBefore();
    for (const part of [this.camera.state, this.microphone.state, this.sound.out, this.sound.shared]) {
      part.subscribe(this.refresh);
    }
    this.refresh();
  }

  /** Other credentials: with them it goes on, with the same devices. */
  move(whip: string): void {
    if (whip === this.whip) return;
    this.whip = whip;
    const goesOn = this.publisher !== null || (this.air.get().kind === "refused" && this.before() !== null);
    this.hangUp();
    if (goesOn) void this.goLive();
  }

  private asBefore(): void {
    const mark = this.before();
    this.muted = mark?.muted ?? false;
    this.dark = mark?.dark ?? false;
  }

  /** What was on air in this tab before a reload, or before it lost its turn. */
  before() {
    const mark = airMark.get();
    return mark?.room === this.room ? mark : null;
  }

  /** Opens a source in place of the one there is. */
  async open(source: Source): Promise<void> {
    this.trouble = null;
    await (source === "camera" ? this.openCamera() : this.openScreen());
    this.refresh();
  }

  /** Opens a source, and goes on air as soon as there is anything to send. */
  async resume(source: Source): Promise<void> {
    this.goingOn = true;
    await this.open(source);
  }

  /** No longer waits for the person's permission, or for a device. */
  cancel(): void {
    this.turn += 1;
    this.asking = false;
    this.goingOn = false;
    this.camera.cancel();
    this.microphone.cancel();
    if (!this.begun) this.closeDevices();
    this.refresh();
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.refresh();
  }

  darken(dark: boolean): void {
    this.dark = dark;
    this.refresh();
  }

  /** Goes on air. `takeOver`: asks another tab of this browser to leave first. */
  async goLive(takeOver = false): Promise<void> {
    const { source } = this.picture.get();
    const { video, audio } = this.sending;
    if (source === null || (video === null && audio === null) || this.publisher !== null) return;
    const turn = ++this.airTurn;
    if (takeOver) askForTabLock(this.room);
    const leave = () => {
      this.stop();
      this.air.set({ kind: "elsewhere" });
    };
    for (let tries = 0; this.lock === null; tries++) {
      const lock = await takeTabLock(this.room, leave);
      if (turn !== this.airTurn) return lock?.release();
      this.lock = lock;
      if (lock === null && tries >= (takeOver || this.before() !== null ? TURN_TRIES : 0)) {
        return this.air.set({ kind: "elsewhere" });
      }
      if (lock === null) await sleep(TURN_WAIT_MS);
      if (turn !== this.airTurn) return;
    }
    onAirRoom.set(this.room);
    this.publisher = publish(this.whip, { ...this.sending }, (state) => {
      this.air.set(state);
      if (state.kind === "refused") this.leave();
    });
    this.published = { ...this.sending };
    this.refresh();
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
    this.goingOn = false;
    if (this.before() !== null) airMark.set(null);
    this.air.set({ kind: "off" });
    this.leave();
  }

  /** It is shown, until what this answers is called. Unseen, its devices are closed unless on air. */
  show(): () => void {
    this.shown += 1;
    return () => {
      this.shown -= 1;
      if (this.shown === 0 && this.publisher === null) this.close();
    };
  }

  /** Another try at what is missing, by the person's wish. */
  retry(kind: Kind): void {
    if (kind === "video") this.faced = true;
    void (kind === "video" ? this.camera : this.microphone).open();
  }

  /** The person has read what was to be told. */
  accept(): void {
    this.trouble = null;
    this.camera.accept();
    this.microphone.accept();
    this.refresh();
  }

  /** Off air, all devices closed. What was on air stays remembered for this tab. */
  close(): void {
    this.hangUp();
    this.air.set({ kind: "off" });
    this.goingOn = false;
    this.asking = false;
    this.begun = false;
    this.faced = false;
    this.trouble = null;
    this.turn += 1;
    this.asBefore();
    this.closeDevices();
    this.refresh();
  }

  private closeDevices(): void {
    this.endScreen();
    this.camera.close();
    this.microphone.close();
    this.sound.close();
  }

  /** Off air, and closed where nobody sees it. */
  private leave(): void {
    this.hangUp();
    if (this.shown === 0) this.close();
  }

  private hangUp(): void {
    this.airTurn += 1;
    this.publisher?.stop();
    this.publisher = null;
    this.lock?.release();
    this.lock = null;
    if (onAirRoom.get() === this.room) onAirRoom.set(null);
  }

  private async openCamera(): Promise<void> {
    const turn = ++this.turn;
    const { camera, microphone, faced } = this;
    this.faced = true;
    const heard = microphone.state.get().track !== null;
    if (heard || camera.state.get().track !== null) {
      if (!heard) void microphone.open();
      await camera.open();
    } else {
      await openInputs(camera, microphone);
    }
    if (turn !== this.turn) return;
    const { track, lack } = camera.state.get();
    if (track !== null) return this.endScreen();
    if (this.screen === null) return;
    // the screen goes on, and no camera is opened unseen
    this.trouble = troubleIn(lack);
    this.faced = faced;
    camera.close();
  }

  private async openScreen(): Promise<void> {
    const turn = ++this.turn;
    this.asking = true;
    this.refresh();
    let screen: Screen;
    try {
      screen = await openScreen();
    } catch (error) {
      if (turn !== this.turn) return;
      this.asking = false;
      this.goingOn = false;
      const trouble = troubleOf(error);
      // closing the browser's own choice of screens is no trouble
      this.trouble = trouble === "no" ? null : trouble;
      return;
    }
    if (turn !== this.turn) {
      halt(tracksOf(screen));
      return;
    }
    this.asking = false;
    this.endScreen();
    this.screen = screen;
    for (const track of tracksOf(screen)) track.addEventListener("ended", this.look);
    this.timer = setTimeout(this.look, LOOK_MS);
    this.camera.close();
    // the voice may come later, or never
    if (this.microphone.state.get().track === null) void this.microphone.open();
  }

  private endScreen(): void {
    clearTimeout(this.timer);
    if (this.screen !== null) halt(tracksOf(this.screen));
    this.screen = null;
  }

  /** Sharing may have ended by itself: by the browser's own bar, or with the window. */
  private readonly look = (): void => {
    clearTimeout(this.timer);
    if (this.screen === null) return;
    this.timer = setTimeout(this.look, LOOK_MS);
    if (this.screen.sound?.readyState === "ended") this.screen = { ...this.screen, sound: null };
    if (this.screen.video.readyState === "ended") {
      this.endScreen();
      // who has not shown their face does not now
      if (this.faced) void this.camera.open();
    }
    this.refresh();
  };

  /** Brings to light, and on air, whatever there is now. */
  private readonly refresh = (): void => {
    const { muted, dark, screen, trouble } = this;
    const camera = this.camera.state.get();
    const audio = this.microphone.state.get();
    this.sound.take(audio.track, screen?.sound ?? null);
    const seen = screen?.video ?? camera.track;
    if (seen !== null) seen.enabled = !dark;
    if (audio.track !== null) audio.track.enabled = !muted;
    const video: Part =
      screen === null
        ? { ...camera, lack: camera.track === null && !this.faced ? "off" : camera.lack }
        : { ...camera, track: screen.video, lack: null, trouble: null, instead: null };
    this.sending = { video: seen, audio: this.sound.out.get() };
    this.begun ||= seen !== null || audio.track !== null;
    const source = !this.begun ? null : screen === null ? "camera" : "screen";
    const opening = this.asking || camera.opening || audio.opening;
    const shared = this.sound.shared.get();
    this.picture.set({ source, video, audio, shared, muted, dark, trouble, opening });
    this.send(source);
  };

  private send(source: Source | null): void {
    if (source === null) return;
    const { video, audio } = this.sending;
    if (this.publisher !== null) {
      airMark.set({ room: this.room, source, muted: this.muted, dark: this.dark });
      for (const kind of ["video", "audio"] as const) {
        if (this.published[kind] === this.sending[kind]) continue;
        this.published[kind] = this.sending[kind];
        this.publisher.replace(kind, this.sending[kind]).catch(unsent);
      }
    } else if (this.goingOn && (video !== null || audio !== null)) {
      this.goingOn = false;
      void this.goLive();
    }
  }
}

const tracksOf = ({ video, sound }: Screen) => (sound === null ? [video] : [video, sound]);

const troubleIn = (lack: Lack | null): MediaTrouble | null => (lack === "lost" || lack === "held" ? "other" : lack);

/** The connection was closed meanwhile; the next one begins with what there is then. */
function unsent(): void {}
