// The tests of the room that run.ts looks at. Not Stryker's own testFiles, as it then puts the faults of what is
// made once, as a file is loaded, into the code too late.

import { defineConfig } from 'vitest/config'
import base from '../../vitest.config.ts'

const include = process.env.IAM_LOGS_MUTANTS_TESTS?.split(',') ?? []

export default defineConfig({
  ...base,
  test: { ...base.test, include },
})
