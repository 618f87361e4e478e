// Runs the test files that run.ts chooses. They are not passed as Stryker's `testFiles`, because with that option it
// activates mutants too late for code that runs once, when a file is loaded.

import { defineConfig } from 'vitest/config'
import base from '../../vitest.config.ts'

const include = process.env.IAM_LOGS_MUTANTS_TESTS?.split(',') ?? []

export default defineConfig({
  ...base,
  test: { ...base.test, include },
})
