// Cameras and microphones that a test takes away, holds and gives back; the microphone sounds at
// VOICE Hz. What can be shared is a tab that sounds at TAB Hz. Without an event, unless a test sends it.
(() => {
  const VOICE = 440;
  const TAB = 1500;
  const media = navigator.mediaDevices;
  const ask = media.getUserMedia.bind(media);
  const list = media.enumerateDevices.bind(media);
  const NAMES = { video: "videoinput", audio: "audioinput" };
  const gone = [];
  const opened = [];
  let sound;

  function tone(hertz) {
    sound ??= new AudioContext();
    const source = new OscillatorNode(sound, { frequency: hertz });
    const loud = new GainNode(sound, { gain: 0.25 });
    const out = sound.createMediaStreamDestination();
    source.connect(loud).connect(out);
    source.start();
    return out.stream.getAudioTracks()[0];
  }

  media.enumerateDevices = async () => (await list()).filter(({ kind }) => !gone.includes(kind));
  media.getUserMedia = async (wanted) => {
    if (Object.keys(wanted).some((kind) => gone.includes(NAMES[kind]))) throw new DOMException("", "NotFoundError");
    const stream = await ask(wanted);
    for (const real of stream.getAudioTracks()) {
      const track = tone(VOICE);
      const settings = real.getSettings();
      track.getSettings = () => settings;
      stream.removeTrack(real);
      stream.addTrack(track);
    }
    opened.push(...stream.getTracks());
    return stream;
  };
  media.getDisplayMedia = async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
    const pen = canvas.getContext("2d");
    setInterval(() => {
      pen.fillStyle = `hsl(${performance.now() / 20} 80% 50%)`;
      pen.fillRect(0, 0, 640, 360);
    }, 100);
    const stream = canvas.captureStream(10);
    stream.addTrack(tone(TAB));
    opened.push(...stream.getTracks());
    return stream;
  };
  window.hardware = {
    take(kind) {
      gone.push(NAMES[kind]);
      for (const track of opened) if (track.kind === kind) track.stop();
    },
    give: (kind) => gone.splice(gone.indexOf(NAMES[kind]), 1),
    tell: () => media.dispatchEvent(new Event("devicechange")),
    hold(muted) {
      for (const track of opened) Object.defineProperty(track, "muted", { value: muted, configurable: true });
    },
    endShare: () => opened.slice(-2).forEach((track) => track.stop()),
  };
})();
