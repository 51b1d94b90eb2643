/** A WHIP or WHEP server, and the browser's side of a connection to it, as a test wants them. */
import { vi } from "vitest";

interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body?: string | null;
  /** Who answered, after redirects. */
  url?: string;
}

type Track = Pick<MediaStreamTrack, "kind" | "readyState" | "muted" | "enabled" | "contentHint" | "getSettings">;

export const track = (kind: "video" | "audio", more: Partial<Track> = {}) =>
  ({
    kind,
    readyState: "live",
    muted: false,
    enabled: true,
    contentHint: "",
    getSettings: () => ({}),
    ...more,
  }) as MediaStreamTrack;

/** Stands for `fetch` and `RTCPeerConnection`. */
export class WhipServer {
  reply: Reply = {};
  asked: string[] = [];
  /** What was done to the connection, in order. */
  done: string[] = [];
  servers: RTCIceServer[] = [];
  codecs: string[] = [];
  open = 0;
  senders: { track: MediaStreamTrack | null }[] = [];
  /** Acts while an offer waits for its answer. */
  meanwhile: () => void = () => {};
  refusesAnswer = false;
  reports: Record<string, unknown>[] = [];

  constructor() {
    const server = this;
    vi.stubGlobal("addEventListener", () => {});
    vi.stubGlobal("removeEventListener", () => {});
    vi.stubGlobal("fetch", async (url: string, { method }: RequestInit) => server.answer(method ?? "GET", url));
    const side = {
      getCapabilities: () => ({
        codecs: ["video/H264", "video/rtx", "video/VP9", "video/VP8"].map((mimeType) => ({ mimeType })),
      }),
    };
    vi.stubGlobal("RTCRtpSender", side);
    vi.stubGlobal("RTCRtpReceiver", side);
    vi.stubGlobal("MediaStream", class {});
    vi.stubGlobal(
      "RTCPeerConnection",
      class {
        connectionState = "connected";
        iceConnectionState = "connected";
        constructor() {
          server.open += 1;
        }
        addTransceiver(what: MediaStreamTrack | string) {
          const sender = {
            track: typeof what === "string" ? null : what,
            async replaceTrack(next: MediaStreamTrack | null) {
              sender.track = next;
            },
          };
          server.senders.push(sender);
          return {
            sender,
            currentDirection: "sendonly",
            setCodecPreferences(codecs: { mimeType: string }[]) {
              server.codecs = codecs.map(({ mimeType }) => mimeType);
            },
          };
        }
        createOffer = async () => ({ type: "offer", sdp: "v=0 offer" });
        getConfiguration = () => ({ bundlePolicy: "max-bundle" });
        setConfiguration({ iceServers = [] }: RTCConfiguration) {
          server.done.push("servers");
          server.servers = iceServers;
        }
        async setLocalDescription() {
          server.done.push("local");
        }
        async setRemoteDescription() {
          if (server.refusesAnswer) throw new DOMException("no SDP", "OperationError");
          server.done.push("remote");
        }
        getStats = async () => new Map(server.reports.map((report, id) => [String(id), report]));
        close() {
          server.open -= 1;
        }
      },
    );
  }

  private answer(method: string, url: string) {
    this.asked.push(`${method} ${url}`);
    if (method === "DELETE") return new Response();
    this.done.push("asked");
    this.meanwhile();
    const { status = 201, headers = {}, body = "v=0 answer", url: from = url } = this.reply;
    const answer = new Response(body, { status, headers });
    Object.defineProperty(answer, "url", { value: from });
    return answer;
  }
}
