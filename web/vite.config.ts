import { defineConfig } from "vite";

/** What stands in the head of each page. */
const HEAD = `
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="dark light" />
    <link rel="icon" href="/favicon.svg" type="image/svg+xml" />`;

const heads = {
  name: "heads",
  transformIndexHtml: (page: string): string => page.replace("<head>", () => `<head>${HEAD}`),
};

export default defineConfig({
  plugins: [heads],
  build: {
    outDir: "../appliance/web/pages",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content security policy allows files only
    modulePreload: { polyfill: false }, // the polyfill would be an inline script
    rollupOptions: { input: ["index.html", "login.html", "recordings.html"] },
  },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8080", ws: true } } },
});
