/**
 * What a viewer gets to see of what arrives, judged from the counts of one WHEP session.
 *
 * Promises: a broadcast of voice alone is told from a video that does not decode, since video packets
 * are counted apart. Told within seconds: packets that stop (`gone`), video packets without frames
 * (`dark`, from the start or later), and when another session is worth a try (`hopeless`).
 * Assumes: the browser asks for keyframes itself. Some encoders do not listen, and send one every ten
 * seconds at most: so long a session without a complete frame is given. A hidden tab and a paused
 * picture (`excused`) need not decode.
 */

/** Sums since the session began. */
export interface Received {
  audio: number;
  video: number;
  /** Frames decoded. */
  frames: number;
  /** Frames complete, decoded or not; null: the browser does not count them. */
  complete: number | null;
  /** The video's codec, such as "video/H264". */
  codec: string | null;
}

/** none: nothing came yet. */
export type Sight = "none" | "picture" | "voice" | "dark" | "hopeless" | "gone";

const STALL_MS = 2_500;
const VOICE_MS = 1_500;
const DARK_MS = 4_000;
const DECODER_MS = 6_000;
const KEYFRAME_MS = 12_000;
const VIDEO_GONE_MS = 2_000;
const STILL_MS = 15_000; // a screen on which nothing moves is sent rarely

export class Picture {
  private last: Received = { audio: 0, video: 0, frames: 0, complete: 0, codec: null };
  private firstAt: number | null = null; // any packet
  private packetsAt = 0;
  private videoAt: number | null = null;
  private litAt: number | null = null; // since when video has come without a frame; of a frame: then
  private completeAt: number | null = null;

  /** `patience`: how much longer than usual a dark session is kept. */
  constructor(private readonly patience = 0) {}

  look(next: Received, now: number, excused: boolean): Sight {
    const { last } = this;
    this.last = next;
    if (next.audio + next.video > last.audio + last.video) {
      this.firstAt ??= now;
      this.packetsAt = now;
    }
    if (next.video > last.video) {
      this.litAt ??= now;
      this.videoAt = now;
    }
    if (next.frames > last.frames) this.litAt = now;
    if ((next.complete ?? 0) > (last.complete ?? 0)) this.completeAt = now;
    if (this.firstAt === null) return "none";
    if (now - this.packetsAt > STALL_MS) return "gone";
    if (excused && this.litAt !== null) this.litAt = now;
    if (this.videoAt === null || this.litAt === null) {
      return now - this.firstAt >= VOICE_MS ? "voice" : "none";
    }
    const silent = now - this.videoAt;
    if (silent > (next.frames > 0 ? STILL_MS : VIDEO_GONE_MS)) return "voice";
    const dark = now - this.litAt;
    if (silent > VIDEO_GONE_MS || excused) return "picture";
    if (dark > this.enough(now) + this.patience) return "hopeless";
    if (dark > DARK_MS) return "dark";
    return next.frames > 0 ? "picture" : "none";
  }

  /** Complete frames that do not become a picture: the decoder. None complete: perhaps a keyframe to come. */
  private enough(now: number): number {
    const arriving = this.completeAt !== null && now - this.completeAt < VIDEO_GONE_MS;
    return arriving ? DECODER_MS : KEYFRAME_MS;
  }
}
