// Reads the fake camera's own text ("0:00:05:833 174": its clock, then its frame counter) off the
// pixels of a <video>. Answers {text, counter} or null where this frame cannot be read.
// Digits are told by comparing each glyph with digits that the browser draws itself.
(video) => {
  const WIDE = 1280;
  const CELL = 16;
  const tall = Math.round((WIDE * video.videoHeight) / video.videoWidth);
  if (!tall) return null;

  function canvas(width, height) {
    const made = new OffscreenCanvas(width, height);
    return made.getContext("2d", { willReadFrequently: true });
  }

  // the runs of columns that hold ink, each cut to the rows that do
  function glyphs(ink, width, height) {
    const found = [];
    let from = -1;
    for (let x = 0; x <= width; x++) {
      let any = false;
      for (let y = 0; x < width && y < height; y++) any ||= ink(x, y) > 0.5;
      if (any && from < 0) from = x;
      if (!any && from >= 0) {
        let top = height;
        let bottom = -1;
        for (let y = 0; y < height; y++)
          for (let at = from; at < x; at++)
            if (ink(at, y) > 0.5) {
              top = Math.min(top, y);
              bottom = Math.max(bottom, y);
            }
        found.push({ left: from, right: x, top, bottom: bottom + 1 });
        from = -1;
      }
    }
    return found;
  }

  function cell(ink, box) {
    const values = [];
    for (let row = 0; row < CELL; row++)
      for (let column = 0; column < CELL; column++) {
        const x = box.left + ((column + 0.5) / CELL) * (box.right - box.left);
        const y = box.top + ((row + 0.5) / CELL) * (box.bottom - box.top);
        values.push(ink(Math.floor(x), Math.floor(y)) > 0.5 ? 1 : 0);
      }
    return values;
  }

  function templates(family) {
    return Array.from("0123456789", (digit) => {
      const pen = canvas(80, 80);
      pen.font = `48px ${family}`;
      pen.fillText(digit, 16, 60);
      const { data } = pen.getImageData(0, 0, 80, 80);
      const ink = (x, y) => data[4 * (80 * y + x) + 3] / 255;
      const [box] = glyphs(ink, 80, 80);
      return { digit, cell: cell(ink, box), shape: (box.right - box.left) / (box.bottom - box.top) };
    });
  }

  // the text stands in the upper middle, brighter than the green around it
  const view = { x: 84, y: 10, width: 1050, height: Math.round(tall / 9) };
  const pen = canvas(WIDE, tall);
  pen.drawImage(video, 0, 0, WIDE, tall);
  const { data } = pen.getImageData(view.x, view.y, view.width, view.height);
  const ink = (x, y) => {
    const at = 4 * (view.width * y + x);
    return Math.max(0, Math.min(1, (data[at + 1] - 150) / 70)); // green: 128 around, 255 in the text
  };
  const boxes = glyphs(ink, view.width, view.height).filter((box) => box.bottom - box.top > 3);
  if (boxes.length < 10) return null;
  const digitTall = Math.max(...boxes.map((box) => box.bottom - box.top));
  let best = null;
  for (const family of ["sans-serif", "monospace", "serif", "system-ui"]) {
    const known = templates(family);
    let loss = 0;
    let text = "";
    boxes.forEach((box, at) => {
      const before = boxes[at - 1];
      if (before && box.left - before.right > digitTall * 0.55) text += " ";
      const wide = box.right - box.left;
      const seen = cell(ink, box);
      // a colon: two dots, nothing in the middle row
      const middle = seen.slice(CELL * 7, CELL * 9).reduce((sum, value) => sum + value, 0);
      if (wide < digitTall * 0.3 && middle === 0) {
        text += ":";
        return;
      }
      const shape = wide / (box.bottom - box.top);
      const scored = known.map((one) => ({
        digit: one.digit,
        loss:
          one.cell.reduce((sum, value, place) => sum + (value !== seen[place] ? 1 : 0), 0) /
            (CELL * CELL) +
          Math.abs(one.shape - shape),
      }));
      scored.sort((a, b) => a.loss - b.loss);
      loss += scored[0].loss;
      text += scored[0].digit;
    });
    if (best === null || loss < best.loss) best = { loss, text };
  }
  const match = /^(\d):(\d\d):(\d\d):(\d{3}) (\d+)$/.exec(best.text);
  if (match === null) return { text: best.text, counter: null };
  const [hours, minutes, seconds, thousandths] = match.slice(1, 5).map(Number);
  const clock = 3600 * hours + 60 * minutes + seconds + thousandths / 1000;
  return { text: best.text, counter: Number(match[5]), clock };
};
