// Vite would take graphql's ESM build while Yoga and Pothos require the CommonJS one, and a schema made
// by one is foreign to the other: the alias makes them one.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['test/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 30_000 },
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
})
