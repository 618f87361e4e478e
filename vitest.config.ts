// Our own files go through Vite, which would take graphql's ESM build; packages such as Pothos go through Node, which
// takes the CommonJS one. A schema made by one is foreign to the other: the alias makes them one.
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longest-first.ts'

export default defineConfig({
  test: {
    include: ['test/*.test.ts'],
    // Only what hangs is ended: how long anything takes depends on what else the machine does.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 120_000 } },
    // Most tests wait for processes of their own most of the time, so several run at once even on few cores.
    maxWorkers: Math.max(5, Math.ceil(availableParallelism() / 2)),
    sequence: { sequencer: LongestFirst },
    // Processes that tests run start in half the time; commands do so by themselves.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'iam-logs-compile-cache') },
  },
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
})
