import { defineConfig } from "vite";

export default defineConfig({
  build: {
    outDir: "../appliance/web/pages",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content security policy allows files only
    modulePreload: { polyfill: false }, // the polyfill would be an inline script
    rollupOptions: { input: ["index.html", "login.html", "recordings.html"] },
  },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8080", ws: true } } },
});
