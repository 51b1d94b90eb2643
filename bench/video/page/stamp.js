// The time of a frame, written into it: a row of bars for the low 20 bits of the clock's
// milliseconds, and the same bars inverted below it, so that a torn or blurred stamp is noticed.

const BITS = 20;
const ROW = 32;
const now = () => Date.now() % 2 ** BITS; // the one clock that all processes of a machine share

window.writeStamp = (pen, width) => {
  const wide = width / BITS;
  const time = now();
  for (let bit = 0; bit < BITS; bit++) {
    const set = (time >> bit) & 1;
    pen.fillStyle = set ? "#fff" : "#000";
    pen.fillRect(bit * wide, 0, wide, ROW);
    pen.fillStyle = set ? "#000" : "#fff";
    pen.fillRect(bit * wide, ROW, wide, ROW);
  }
};

const small = new OffscreenCanvas(BITS * 3, 6);
const reader = small.getContext("2d", { willReadFrequently: true });

// The age of the frame that `video` shows, in milliseconds; null if its stamp cannot be read.
window.readAge = (video) => {
  const tall = (2 * ROW * video.videoHeight) / 480;
  reader.drawImage(video, 0, 0, video.videoWidth, tall, 0, 0, small.width, small.height);
  const { data } = reader.getImageData(0, 0, small.width, small.height);
  const lit = (bit, row) => data[4 * (small.width * (3 * row + 1) + 3 * bit + 1)] > 127;
  let time = 0;
  for (let bit = 0; bit < BITS; bit++) {
    if (lit(bit, 0) === lit(bit, 1)) return null;
    if (lit(bit, 0)) time += 2 ** bit;
  }
  return (now() - time + 2 ** BITS) % 2 ** BITS;
};
