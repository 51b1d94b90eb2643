import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

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
    rolldownOptions: { input: ["index.html", "embed.html"] },
  },
});
