/**
 * Where a link inside the page has led.
 *
 * Promises: once the page that was asked for is there, its heading has the focus and its title is told to who
 * listens; a page that takes longer than `PATIENCE_MS` is left alone, and so is somebody who has gone on meanwhile.
 * The first page of a document is the browser's own matter.
 */
const PATIENCE_MS = 10_000;
const EFFECTS_MS = 50; // after which a page has written its title
const HEADING = "main:not([aria-busy='true']) h1";

const teller = document.createElement("p");
teller.className = "sr";
teller.ariaLive = "polite";
document.body.append(teller);

let newest = new AbortController();

export function arrive(): void {
  newest.abort();
  const waits = new AbortController();
  newest = waits;
  const left = document.activeElement;
  const look = (): void => {
    const heading = document.querySelector<HTMLElement>(HEADING);
    if (heading === null || waits.signal.aborted) return;
    waits.abort();
    if (document.activeElement !== left && document.activeElement !== document.body) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    setTimeout(() => {
      teller.textContent = document.title;
    }, EFFECTS_MS);
  };
  const looks = new MutationObserver(look);
  const timer = setTimeout(() => waits.abort(), PATIENCE_MS);
  waits.signal.addEventListener("abort", () => {
    looks.disconnect();
    clearTimeout(timer);
  });
  looks.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-busy"] });
  setTimeout(look, EFFECTS_MS);
}
