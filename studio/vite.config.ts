import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// The build is committed, so that `pip install` is enough: it must come out the same wherever it is made.
export default defineConfig({
  plugins: [svelte()],
  base: "/",
  build: {
    outDir: "../reflet/serve/static",
    emptyOutDir: true,
    assetsDir: "studio",
    target: "es2022",
    assetsInlineLimit: 0, // the page's policy lets no data: font or script in
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { "/v1": "http://127.0.0.1:8000" } },
});
