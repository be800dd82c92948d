import { defineConfig } from 'vite';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { licences } from './licences.ts';

export default defineConfig({
  plugins: [svelte(), licences()],
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    target: 'es2022',
    // The server's policy lets no script be inline and no font or picture come from a data address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': process.env.GUICHET_URL ?? 'http://127.0.0.1:8080', '/health': process.env.GUICHET_URL ?? 'http://127.0.0.1:8080' } },
});
