// The committed migrations create the tables as declared: drizzle-kit finds nothing left to generate.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

test.each([
  { dialect: 'sqlite', folder: 'sqlite' },
  { dialect: 'postgresql', folder: 'postgres' },
])(
  'drizzle/$folder contains all migrations for the declared tables',
  ({ dialect, folder: name }) => {
    const folder = mkdtempSync(join(tmpdir(), 'iam-logs-migrations-'))
    try {
      cpSync(join(ROOT, 'drizzle', name), folder, { recursive: true })
      const before = readdirSync(folder).length
      const { stdout, status } = spawnSync(
        process.execPath,
        [
          join(ROOT, 'node_modules/drizzle-kit/bin.cjs'),
          'generate',
          `--dialect=${dialect}`,
          `--schema=./src/storage/${name}/${name}-tables.ts`,
          // Relative, as drizzle-kit puts ./ before it.
          `--out=${relative(ROOT, folder)}`,
        ],
        { cwd: ROOT, encoding: 'utf8' },
      )
      expect(stdout).toContain('No schema changes')
      expect(status).toBe(0)
      expect(readdirSync(folder).length).toBe(before)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)
