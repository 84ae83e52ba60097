import { defineConfig } from "vite";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../src/tidegauge/web/static",
    emptyOutDir: true,
    target: "es2023",
    // The first that know light-dark(); for older ones it would be rewritten into something a chosen theme cannot turn.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: { polyfill: false }, // the polyfill is an inline script, which the policy forbids
    // The one big file is the chart library, fetched after the first paint.
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/api": "http://127.0.0.1:8480" } },
});
