/**
 * Which video codec is offered first: the server takes the first that it knows, and Cloudflare passes
 * video on as it came, so the host's codec is what each viewer must decode.
 *
 * VP8 first: every browser decodes it, with no part that must be licensed or comes later (Firefox's
 * OpenH264, Chromium without H.264). On Android it is also the one that is sure to be seen: H.264 of
 * some of its hardware encoders is black at Cloudflare (a public report).
 * Apple's browsers keep H.264 first: each of their devices encodes it in hardware, while VP8 in software
 * heats a phone until frames are dropped; constrained baseline, which Cloudflare names, before other
 * profiles. VP9 and AV1 come last: not every phone decodes them in time.
 */

interface Codec {
  mimeType: string;
  sdpFmtpLine?: string;
}

const VP8 = "video/VP8";
const H264 = "video/H264";
const BASELINE = "42e0"; // H.264 of that profile
const ORDER = [VP8, BASELINE, H264];
const APPLE_ORDER = [BASELINE, VP8, H264];
const HELPERS = ["video/rtx", "video/red", "video/ulpfec", "video/flexfec-03"];

/** To send: the best for viewers first; `avoid`, such as "video/H264", behind all others. */
export function toSend<T extends Codec>(all: T[], avoid: string | null, apple: boolean): T[] {
  const order = apple ? APPLE_ORDER : ORDER;
  return sorted(all, ({ mimeType, sdpFmtpLine = "" }) => {
    if (HELPERS.includes(mimeType)) return order.length + 2;
    if (mimeType === avoid) return order.length + 1;
    const baseline = mimeType === H264 && sdpFmtpLine.includes(`profile-level-id=${BASELINE}`);
    const place = order.indexOf(baseline ? BASELINE : mimeType);
    return place < 0 ? order.length : place;
  });
}

/** To receive: in the browser's order, `avoid` last. */
export function toReceive<T extends Codec>(all: T[], avoid: string | null): T[] {
  return sorted(all, ({ mimeType }) => (mimeType === avoid ? 1 : 0));
}

const sorted = <T>(all: T[], rank: (one: T) => number): T[] => [...all].sort((one, other) => rank(one) - rank(other));

/** Whether this browser's engine is Apple's: Safari, and every browser of an iPhone or iPad. */
export const isApple = (): boolean => navigator.vendor.startsWith("Apple");

/**
 * Sets the order of a transceiver's codecs to the first of `orders` that the browser takes: some want
 * what they can send, others what they can receive. An old browser keeps its own.
 */
export function offer(transceiver: RTCRtpTransceiver, ...orders: RTCRtpCodec[][]): void {
  for (const codecs of orders) {
    try {
      transceiver.setCodecPreferences(codecs);
      return;
    } catch {
      // the next one
    }
  }
}
