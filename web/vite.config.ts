import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

import vue from '@vitejs/plugin-vue'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const gateway = process.env.VITE_API ?? 'http://127.0.0.1:8080'

/** Mermaid as one file beside the app: exported sites take it along, so that they draw their diagrams without a network. */
function mermaidForExports(): Plugin {
  return {
    name: 'mermaid-for-exports',
    apply: 'build',
    generateBundle() {
      const source = readFileSync(createRequire(import.meta.url).resolve('mermaid/dist/mermaid.min.js'))
      this.emitFile({ type: 'asset', fileName: 'exports/mermaid.min.js', source })
    },
  }
}

export default defineConfig({
  plugins: [vue(), mermaidForExports()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: { __VUE_I18N_FULL_INSTALL__: 'false', __INTLIFY_PROD_DEVTOOLS__: 'false' },
  server: { proxy: { '/api': { target: gateway, ws: true } } },
  build: { chunkSizeWarningLimit: 1000, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  test: { environment: 'jsdom', server: { deps: { inline: ['vuetify'] } } },
})
