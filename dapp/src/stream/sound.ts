/**
 * The sound that goes out: the host's voice, and beside it the sound of a tab or screen they share.
 *
 * Promises: the voice alone goes out as it comes from the microphone; only with a shared sound are
 * both mixed (Web Audio), in one track, and whenever the mixer does not run the voice goes out
 * without it. `level` is the voice's, 0 to 1, also while it is muted; null: it cannot be measured.
 * Assumes: an AudioContext may say that it runs and not run, or be stopped by the system at any
 * time. That its clock moves is looked at, ten times a second, and it is asked to go on.
 */
import { store } from "../base/store";

/** no: none is shared. alone: without a voice. unmixed: it does not go out, the voice does. */
export type SharedSound = "no" | "alone" | "mixed" | "unmixed";

const LOOK_MS = 100;
const STOPPED_MS = 1_000; // the clock of a running context moves far more often
const RESUME_MS = 1_000;
const SPEECH = 0.02; // root mean square, of samples from -1 to 1
const SPEECH_LOOKS = 4; // of the last ten
const SPEECH_OVER_MS = 3_000;
const FLOOR_DB = -60;
const STEPS = 20;

export class Sound {
  readonly out = store<MediaStreamTrack | null>(null);
  readonly shared = store<SharedSound>("no");
  readonly level = store<number | null>(null);
  readonly speaking = store(false);
  private voice: MediaStreamTrack | null = null;
  private tab: MediaStreamTrack | null = null;
  private context: AudioContext | null = null;
  private meter: { ear: AnalyserNode; clone: MediaStreamTrack; source: AudioNode } | null = null;
  private mix: { out: MediaStreamAudioDestinationNode; sources: AudioNode[] } | null = null;
  private samples = new Float32Array(0);
  private timer: ReturnType<typeof setInterval> | undefined;
  private clock = { time: 0, at: -Infinity };
  private resumedAt = -Infinity;
  private loud: boolean[] = [];
  private spokeAt = -Infinity;

  /** What there is now to be heard. */
  take(voice: MediaStreamTrack | null, tab: MediaStreamTrack | null): void {
    const [newVoice, newTab] = [voice !== this.voice, tab !== this.tab];
    if (!newVoice && !newTab) return;
    this.voice = voice;
    this.tab = tab;
    this.begin();
    if (newVoice) this.measure();
    this.connect();
    this.decide();
  }

  close(): void {
    this.take(null, null);
    clearInterval(this.timer);
    this.timer = undefined;
    removeEventListener("pointerdown", this.wake);
    removeEventListener("keydown", this.wake);
    void this.context?.close().catch(() => {
      // it is closed
    });
    this.context = null;
    this.clock = { time: 0, at: -Infinity };
  }

  private begin(): void {
    if (this.timer !== undefined || (this.voice === null && this.tab === null)) return;
    try {
      this.context = new AudioContext();
    } catch {
      return; // the voice goes out, unmeasured
    }
    this.timer = setInterval(() => this.look(), LOOK_MS);
    // what the browser lets begin only by a person's touch
    addEventListener("pointerdown", this.wake);
    addEventListener("keydown", this.wake);
  }

  private readonly wake = (): void => {
    if (this.context === null || this.context.state === "running") return;
    this.resumedAt = performance.now();
    void this.context.resume().catch(() => {
      // asked again
    });
  };

  /** Listens to a copy: the track itself is silent while it is muted. */
  private measure(): void {
    this.meter?.source.disconnect();
    this.meter?.clone.stop();
    this.meter = null;
    this.loud = [];
    this.spokeAt = -Infinity;
    this.level.set(null);
    this.speaking.set(false);
    if (this.voice === null || this.context === null) return;
    const clone = this.voice.clone();
    clone.enabled = true;
    try {
      const ear = this.context.createAnalyser();
      ear.fftSize = 4096;
      const source = this.source(clone, ear);
      this.samples = new Float32Array(ear.fftSize);
      this.meter = { ear, clone, source };
    } catch {
      clone.stop();
    }
  }

  /** Both to one track, which stays the same while the voice comes and goes. */
  private connect(): void {
    for (const source of this.mix?.sources ?? []) source.disconnect();
    if (this.tab === null || this.context === null) {
      this.mix = null;
      return;
    }
    try {
      const out = this.mix?.out ?? this.context.createMediaStreamDestination();
      const tracks = this.voice === null ? [this.tab] : [this.voice, this.tab];
      this.mix = { out, sources: tracks.map((track) => this.source(track, out)) };
    } catch {
      this.mix = null; // tracks of different rates, in some browsers
    }
  }

  private source(track: MediaStreamTrack, to: AudioNode): AudioNode {
    const source = (this.context as AudioContext).createMediaStreamSource(new MediaStream([track]));
    source.connect(to);
    return source;
  }

  private runs(): boolean {
    return this.context?.state === "running" && performance.now() - this.clock.at < STOPPED_MS;
  }

  private decide(): void {
    const { voice, tab } = this;
    const mixed = voice !== null && tab !== null && this.runs() ? this.mix?.out.stream.getAudioTracks()[0] : undefined;
    this.out.set(mixed ?? voice ?? tab);
    if (tab === null) this.shared.set("no");
    else if (voice === null) this.shared.set("alone");
    else this.shared.set(mixed === undefined ? "unmixed" : "mixed");
  }

  private look(): void {
    const now = performance.now();
    const time = this.context?.currentTime ?? 0;
    if (time !== this.clock.time) this.clock = { time, at: now };
    if (now - this.resumedAt > RESUME_MS) this.wake();
    this.decide();
    if (this.meter === null || !this.runs()) {
      this.level.set(null);
      this.speaking.set(false);
      return;
    }
    this.meter.ear.getFloatTimeDomainData(this.samples);
    const power = Math.sqrt(this.samples.reduce((sum, each) => sum + each * each, 0) / this.samples.length);
    const heard = 1 - (20 * Math.log10(Math.max(power, 1e-6))) / FLOOR_DB;
    this.level.set(Math.round(STEPS * Math.min(1, Math.max(0, heard))) / STEPS);
    this.loud = [...this.loud.slice(-9), power > SPEECH];
    if (this.loud.filter(Boolean).length >= SPEECH_LOOKS) this.spokeAt = now;
    this.speaking.set(now - this.spokeAt < SPEECH_OVER_MS);
  }
}
