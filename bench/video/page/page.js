// A host whose camera's frames carry the time, a viewer who reads it, and what each connects by:
// WHIP and WHEP, or the other page directly.

const PLACE = { width: 640, height: 480 };

function screen(stream) {
  const video = document.createElement("video");
  Object.assign(video, { muted: true, autoplay: true, playsInline: true, srcObject: stream });
  document.body.replaceChildren(video);
  return video;
}

// the fake camera, each frame stamped as it comes
async function stampedCamera() {
  const camera = await navigator.mediaDevices.getUserMedia({
    video: { ...PLACE, frameRate: 30 },
    audio: true,
  });
  const canvas = Object.assign(document.createElement("canvas"), PLACE);
  const pen = canvas.getContext("2d");
  const [picture] = canvas.captureStream(0).getTracks();
  const video = screen(camera);
  const draw = () => {
    pen.drawImage(video, 0, 0, PLACE.width, PLACE.height);
    writeStamp(pen, PLACE.width);
    picture.requestFrame();
    video.requestVideoFrameCallback(draw);
  };
  video.requestVideoFrameCallback(draw);
  return [picture, ...camera.getAudioTracks()];
}

// how old frames are when they are shown: every fifth is read, so that reading costs little
function watchAges(video) {
  window.ages = [];
  window.unread = 0;
  let shown = 0;
  const look = () => {
    window.firstFrame ??= performance.now() - window.asked;
    if (shown++ % 5 === 0) {
      const age = readAge(video);
      if (age === null) window.unread += 1;
      else window.ages.push(age);
    }
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
}

async function hostConnection() {
  window.pc = new RTCPeerConnection();
  for (const track of await stampedCamera()) pc.addTransceiver(track, { direction: "sendonly" });
}

function viewerConnection() {
  window.pc = new RTCPeerConnection();
  pc.addTransceiver("video", { direction: "recvonly" });
  pc.addTransceiver("audio", { direction: "recvonly" });
  const stream = new MediaStream();
  pc.ontrack = (event) => stream.addTrack(event.track);
  window.firstFrame = null;
  window.asked = performance.now();
  watchAges(screen(stream));
}

async function post(url) {
  await pc.setLocalDescription();
  const headers = { "Content-Type": "application/sdp" };
  const answer = await fetch(url, { method: "POST", headers, body: pc.localDescription.sdp });
  if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`);
  await pc.setRemoteDescription({ type: "answer", sdp: await answer.text() });
}

window.publish = async (url) => {
  await hostConnection();
  await post(url);
};

window.play = async (url) => {
  viewerConnection();
  await post(url);
};

// --- directly, without a server: each description is handed over with all its candidates -------

async function gathered() {
  if (pc.iceGatheringState !== "complete")
    await new Promise((resolve) => {
      pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && resolve();
    });
  return pc.localDescription.sdp;
}

window.offerDirectly = async () => {
  await hostConnection();
  await pc.setLocalDescription();
  return gathered();
};

window.answerDirectly = async (sdp) => {
  window.pc = new RTCPeerConnection();
  const stream = new MediaStream();
  pc.ontrack = (event) => stream.addTrack(event.track);
  window.firstFrame = null;
  window.asked = performance.now();
  watchAges(screen(stream));
  await pc.setRemoteDescription({ type: "offer", sdp });
  await pc.setLocalDescription();
  return gathered();
};

window.acceptDirectly = (sdp) => pc.setRemoteDescription({ type: "answer", sdp });

// --- what is counted ---------------------------------------------------------------------------

window.counts = async () => {
  const found = { at: performance.now() / 1000, frames: 0, width: 0, freezes: 0 };
  for (const item of (await pc.getStats()).values()) {
    if (item.kind !== "video") continue;
    if (item.type === "inbound-rtp") {
      found.frames = item.framesDecoded;
      found.width = item.frameWidth ?? 0;
      found.freezes = item.freezeCount;
    } else if (item.type === "outbound-rtp") {
      found.frames = item.framesEncoded;
      found.width = item.frameWidth ?? 0;
    }
  }
  return found;
};
