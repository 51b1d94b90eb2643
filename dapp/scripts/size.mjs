// Measures what each page loads (gzip; fonts as they are) and fails where it is too much.
// hls.js is not counted: it comes only with a BROADCAST room's video.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 120_000;
const DIST = new URL("../dist/", import.meta.url);
const PAGES = {
  "rooms, room (viewer)": ["index.html"],
  "bare player": ["embed.html"],
  "new room (host)": ["index.html", "src/pages/host/create-page.tsx"],
  "studio (host)": ["index.html", "src/pages/host/studio-room-page.tsx"],
  "audit of a room": ["index.html", "src/pages/audit/room-audit-page.tsx"],
};

const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", DIST), "utf8"));
const size = (file) => {
  const bytes = readFileSync(new URL(file, DIST));
  return file.endsWith(".woff2") ? bytes.length : gzipSync(bytes, { level: 9 }).length;
};
const fonts = readdirSync(new URL("assets/", DIST))
  .filter((name) => name.endsWith(".woff2"))
  .map((name) => `assets/${name}`);

function closure(keys, found = new Set()) {
  for (const key of keys) {
    if (found.has(key)) continue;
    if (manifest[key] === undefined) throw new Error(`${key} is not in the build: correct PAGES`);
    found.add(key);
    closure(manifest[key].imports ?? [], found);
  }
  return found;
}

let tooLarge = false;
for (const [page, keys] of Object.entries(PAGES)) {
  const files = new Set(fonts);
  for (const key of closure(keys)) {
    files.add(manifest[key].file);
    for (const css of manifest[key].css ?? []) files.add(css);
  }
  const total = [...files].reduce((sum, file) => sum + size(file), 0);
  tooLarge ||= total > LIMIT;
  console.log(`${(total / 1000).toFixed(1).padStart(6)} kB  ${page}`);
}
rmSync(new URL(".vite", DIST), { recursive: true });
if (tooLarge) {
  console.error(`a page loads more than ${LIMIT / 1000} kB`);
  process.exit(1);
}
