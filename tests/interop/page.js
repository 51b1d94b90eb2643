// Programs of others, and our own publisher, for a page of tests/browser/standin: `window.interop`.
// esbuild bundles it (conftest.py). Its counts() looks at the newest connection, whoever made it.
import { WebRTCPlayer } from "@eyevinn/webrtc-player";
import { attachMediaStreamToPeerConnection, createNewWHEP, createNewWHIP } from "@livepeer/core-web/webrtc";
import { publish } from "../../dapp/src/stream/whip-publisher";

const Native = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Native {
  constructor(...options) {
    super(...options);
    window.pc = this;
  }
};

// no STUN: nothing of a test leaves this machine
const iceServers = [];
const problems = [];
const states = [];

function screen() {
  const video = document.createElement("video");
  Object.assign(video, { muted: true, autoplay: true, playsInline: true });
  document.body.replaceChildren(video);
  window.video = video;
  return video;
}

window.interop = {
  problems,
  states,

  async publishOurs(url) {
    const stream = await window.camera();
    const [video] = stream.getVideoTracks();
    const [audio] = stream.getAudioTracks();
    const publisher = publish(url, { video, audio }, (state) => states.push(state.kind));
    window.stop = () => publisher.stop();
  },

  async watchEyevinn(url) {
    const player = new WebRTCPlayer({ video: screen(), type: "whep", iceServers });
    for (const event of ["no-media", "initial-connection-failed", "connect-error", "peer-connection-failed"])
      player.on(event, () => problems.push(event));
    window.stop = () => player.unload();
    await player.load(new URL(url));
  },

  async publishLivepeer(ingestUrl) {
    const mediaStream = await window.camera();
    const client = createNewWHIP({
      ingestUrl,
      element: screen(),
      callbacks: {
        onRTCPeerConnection: (peerConnection) => attachMediaStreamToPeerConnection({ mediaStream, peerConnection }),
        onConnected: () => states.push("live"),
        onError: (error) => problems.push(String(error)),
      },
      sdpTimeout: null,
      iceServers,
    });
    window.stop = () => client.destroy();
  },

  watchLivepeer(source) {
    const client = createNewWHEP({
      source,
      element: screen(),
      callbacks: { onError: (error) => problems.push(String(error)) },
      accessControl: {},
      sdpTimeout: null,
      iceServers,
    });
    window.stop = () => client.destroy();
  },
};
