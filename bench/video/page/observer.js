// Looks on while the page of a room plays: since when the picture stands, and what the page says.
// A page says so when a word stands in the picture's place, or beside a voice without a picture.
(() => {
  const STANDS_MS = 1000;
  let video = null;
  let frames = 0;
  let first = null; // ms from the page's beginning to the first frame
  let last = null; // when the last frame was shown
  let spoke = 0; // when the page last said that there is no picture
  let standing = false;
  let stands = 0;
  let silent = 0;
  let stood = 0;

  const shown = () => {
    last = performance.now();
    first ??= last;
    frames += 1;
    video.requestVideoFrameCallback(shown);
  };
  const says = () => {
    const stage = document.querySelector(".stage");
    if (stage === null || !stage.classList.contains("playing")) return true;
    return stage.querySelector(".corner .off") !== null;
  };

  setInterval(() => {
    const found = document.querySelector(".stage video");
    if (found !== video && found !== null) {
      video = found;
      video.requestVideoFrameCallback(shown);
    }
    const now = performance.now();
    if (says()) spoke = now;
    const since = now - (last ?? 0);
    if (since > STANDS_MS && !standing) stands += 1;
    standing = since > STANDS_MS;
    stood = Math.max(stood, since);
    silent = Math.max(silent, now - Math.max(last ?? 0, spoke));
  }, 100);

  // what was seen since the last look
  window.look = () => {
    const word = document.querySelector(".stage .over strong")?.textContent ?? "";
    const seen = { frames, first, stands, stood, silent, word };
    frames = stands = stood = silent = 0;
    return seen;
  };
})();
