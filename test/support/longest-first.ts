// The order of test files: the slowest first, so that no worker has a slow one left at the end. Vitest remembers the
// durations, but not after a fresh install; then it would begin with the largest files.

import { basename } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** By CPU time, most first; all others come after them, in Vitest's order. */
const LONGEST = [
  ...['postgres-server', 'input', 'export-command', 'graphiql', 'workers', 'page-sign-in', 'cli'],
  ...[
    'page-list',
    'page-live',
    'page-asks',
    'page-find',
    'page-figures',
    'refused-commands',
    'postgres',
  ],
  ...['sync-command', 'package', 'log', 'rolled-back', 'docs', 'postgres-crash', 'page-tools'],
  ...['postgres-settings', 'tracing', 'schema-lint'],
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.indexOf(basename(moduleId, '.test.ts'))
      return at === -1 ? LONGEST.length : at
    }
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other))
  }
}
