// The least page that publishes by WHIP and plays by WHEP, and counts what it sees.
// Everything hangs on `window`, for the tests to call.

async function post(pc, url) {
  await pc.setLocalDescription(await pc.createOffer());
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/sdp" },
    body: pc.localDescription.sdp,
  });
  const text = await response.text();
  if (response.status !== 201) return { status: response.status, text };
  await pc.setRemoteDescription({ type: "answer", sdp: text });
  return { status: 201, session: new URL(response.headers.get("Location"), url).href };
}

window.camera = () =>
  navigator.mediaDevices.getUserMedia({
    video: { width: 640, height: 480, frameRate: 30 },
    audio: true,
  });

window.publish = async (url, codec) => {
  const stream = await window.camera();
  window.pc?.close();
  window.pc = new RTCPeerConnection();
  for (const track of stream.getTracks()) {
    const transceiver = window.pc.addTransceiver(track, { direction: "sendonly" });
    if (codec && track.kind === "video") {
      const all = RTCRtpSender.getCapabilities("video").codecs;
      transceiver.setCodecPreferences(all.filter((item) => item.mimeType === codec));
    }
  }
  return post(window.pc, url);
};

window.screenFor = (pc) => {
  const video = document.createElement("video");
  Object.assign(video, { muted: true, autoplay: true, playsInline: true });
  document.body.replaceChildren(video);
  video.srcObject = new MediaStream();
  window.began = performance.now();
  window.firstFrame = null;
  video.requestVideoFrameCallback(() => {
    window.firstFrame = performance.now() - window.began;
  });
  pc.ontrack = (event) => video.srcObject.addTrack(event.track);
  window.video = video;
  window.pc = pc;
};

window.watch = async (url) => {
  window.pc?.close();
  const pc = new RTCPeerConnection();
  pc.addTransceiver("video", { direction: "recvonly" });
  pc.addTransceiver("audio", { direction: "recvonly" });
  window.screenFor(pc);
  return post(pc, url);
};

// A digest of the pixels shown now: it changes as the camera's own counter does.
window.picture = () => {
  const canvas = document.createElement("canvas");
  canvas.width = 64;
  canvas.height = 48;
  const context = canvas.getContext("2d");
  context.drawImage(window.video, 0, 0, 64, 48);
  const pixels = context.getImageData(0, 0, 64, 48).data;
  let sum = 0;
  let lit = 0;
  for (let i = 0; i < pixels.length; i += 4) {
    sum = (sum * 31 + pixels[i] + pixels[i + 1] * 3 + pixels[i + 2] * 7) % 1000000007;
    if (pixels[i] + pixels[i + 1] + pixels[i + 2] > 60) lit += 1;
  }
  return { sum, lit };
};

window.counts = async () => {
  const found = { state: window.pc.connectionState, firstFrame: window.firstFrame ?? null };
  const stats = await window.pc.getStats();
  for (const item of stats.values()) {
    if (item.type === "inbound-rtp" && item.kind === "video") {
      found.frames = item.framesDecoded;
      found.width = item.frameWidth;
      found.fps = item.framesPerSecond;
      found.codec = stats.get(item.codecId)?.mimeType;
    } else if (item.type === "inbound-rtp") {
      found.audio = item.packetsReceived;
    } else if (item.type === "outbound-rtp" && item.kind === "video") {
      found.sent = item.framesEncoded;
      found.keyFrames = item.keyFramesEncoded;
      found.width = item.frameWidth;
    }
  }
  return found;
};
