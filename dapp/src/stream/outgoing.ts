/**
 * What goes out to viewers, judged from the counts of one WHIP session.
 *
 * Promises: told within seconds: a source that delivers no new frames (`frozen`) or wholly black ones
 * (`black`), an encoder that makes nothing of them (`stuck`) or may not for want of bandwidth (`slow`),
 * and that nothing at all is sent (`nothing`).
 * Assumes: a shared screen on which nothing moves is rightly sent rarely. Stats have no brightness:
 * whether the source is black is looked at apart (`source-look.ts`).
 */

/** Sums since the session began, of what is sent and heard. */
export interface Outgoing {
  /** Something that changes whenever the server is heard; null: the browser does not say. */
  heard: number | null;
  /** Packets sent, of both kinds. */
  packets: number;
  /** Bytes of video sent. */
  bytes: number;
  /** Frames that the source delivered; null: the browser does not count them. */
  captured: number | null;
  /** Frames of video that went out. */
  frames: number;
  fps: number;
  height: number;
  /** The video's codec, such as "video/H264". */
  codec: string | null;
  /** Whether video is held back for want of bandwidth. */
  held: boolean;
  /** The browser's clock, in milliseconds. */
  at: number;
}

export type Sight = "fine" | "nothing" | "frozen" | "black" | "stuck" | "slow";

/** What is to be seen of the video now. moving: of a camera; still: of a screen; none: it is hidden, or there is none. */
export type Due = "moving" | "still" | "none";

const STANDS_MS = 5_000;
const BLACK_LOOKS = 3;
const FEW_FRAMES = 5; // that may be on their way through the encoder

export function dueOf(video: MediaStreamTrack | null, excused: boolean): Due {
  if (excused || video === null || !isDelivering(video) || !video.enabled) return "none";
  return isScreen(video) ? "still" : "moving";
}

/** Whether anything can come of this track at all. */
export const isDelivering = (track: MediaStreamTrack | null): boolean =>
  track !== null && track.readyState === "live" && !track.muted;

/** A hint of `devices.ts`; the browser's own word for what was shared elsewhere. */
const isScreen = (video: MediaStreamTrack) =>
  video.contentHint === "detail" || video.getSettings().displaySurface !== undefined;

export class OutgoingWatch {
  private last: Outgoing | null = null;
  private heardAt: number;
  private owed = 0; // milliseconds of sending since the server was last heard
  private sentAt: number;
  private capturedAt: number;
  private framesAt: number;
  private waiting = 0; // frames captured since one went out
  private black = 0;
  private lookedAt: number;

  constructor(now: number) {
    this.heardAt = this.sentAt = this.capturedAt = this.framesAt = this.lookedAt = now;
  }

  /** How long the server has said nothing about what it was sent. Nothing sent, it owes no word. */
  get silence(): number {
    return this.owed;
  }

  /** A look at the source itself; null: it could not be seen. */
  seen(black: boolean | null): void {
    if (black !== null) this.black = black ? this.black + 1 : 0;
  }

  look(next: Outgoing, now: number, due: Due): Sight {
    const last = this.last ?? next;
    const sends = next.packets > last.packets;
    if (next.heard === null || next.heard !== last.heard) this.heardAt = now;
    if (sends) this.sentAt = now;
    this.owed = this.heardAt === now ? 0 : this.owed + (sends ? now - this.lookedAt : 0);
    // another source counts from its own beginning
    if (next.captured !== last.captured) {
      this.capturedAt = now;
      this.waiting += Math.max(0, (next.captured ?? 0) - (last.captured ?? 0));
    }
    if (next.frames > last.frames || due === "none") {
      this.framesAt = now;
      this.waiting = 0;
    }
    if (due === "none") {
      this.capturedAt = now;
      this.black = 0;
    }
    this.last = next;
    this.lookedAt = now;
    return this.judge(next, now, due);
  }

  private judge(next: Outgoing, now: number, due: Due): Sight {
    if (due === "none") return now - this.sentAt > STANDS_MS ? "nothing" : "fine";
    const counted = next.captured !== null;
    if (due === "moving" && counted && now - this.capturedAt > STANDS_MS) return "frozen";
    const delivered = counted ? this.waiting > FEW_FRAMES : due === "moving";
    if (delivered && now - this.framesAt > STANDS_MS) return next.held ? "slow" : "stuck";
    return this.black >= BLACK_LOOKS ? "black" : "fine";
  }
}
