import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// What both documents load first is one file: parts that come later import from it too, and would cut it
// into a dozen small ones, which compress worse.
const FIRST =
  /\/src\/(base\/(hex|room-id|scrub|storage|store|time)|api\/(client|live-query|polling|use-room)|i18n\/(index|en|vi)|pages\/watch\/(player|live)|playback\/invitation-link|stream\/(address|autoplay|codecs|lifecycle|link-header|picture|retries|signalling|watch-whep|whep-session)|ui\/(icons|identicon|labels|pill|playback|stage|stage-controls))\.tsx?$/;

// Two documents: the page, and the bare player for other sites. Nothing is inlined, so that a
// strict Content-Security-Policy (no inline scripts, no data: fonts) holds.
export default defineConfig({
  resolve: { alias: { crypto: fileURLToPath(new URL("src/base/no-crypto.ts", import.meta.url)) } },
  build: {
    target: "es2022",
    manifest: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      input: ["index.html", "embed.html"],
      output: { codeSplitting: { groups: [{ name: "first", test: FIRST }] } },
    },
  },
});
