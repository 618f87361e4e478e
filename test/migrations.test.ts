// The committed migrations make the tables that are declared, and nothing is left to generate.

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
])('drizzle/$folder says all that the tables say', ({ dialect, folder: own }) => {
  const folder = mkdtempSync(join(tmpdir(), 'iam-logs-migrations-'))
  try {
    cpSync(join(ROOT, 'drizzle', own), folder, { recursive: true })
    const before = readdirSync(folder).length
    const { stdout, status } = spawnSync(
      process.execPath,
      [
        join(ROOT, 'node_modules/drizzle-kit/bin.cjs'),
        'generate',
        `--dialect=${dialect}`,
        `--schema=./src/storage/${own}/${own}-tables.ts`,
        // drizzle-kit puts ./ before the name.
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
})
