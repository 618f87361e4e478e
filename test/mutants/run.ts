// Puts faults into the code, one at a time, and tells which of them no test notices: npm run test:mutants, with the
// rooms or the files to look at, or all that are here. Each file is tried with the tests that are for it, as all tests
// would take days: what they do not notice may still be noticed by others. The reports lie in test/mutants/report.

import { spawnSync } from 'node:child_process'
import { globSync, renameSync } from 'node:fs'
import { basename } from 'node:path'

/** Files by room, each with the names of the test files that are for it. */
const ROOMS: Readonly<Record<string, readonly (readonly [files: string, tests: string])[]>> = {
  words: [
    ['src/instant.ts', 'instant'],
    ['src/coverage.ts', 'coverage'],
    ['src/{errors,id,text}.ts', 'text'],
    ['src/{audit-record,event,diagnostic}.ts', 'text audit events'],
    ['src/{principal,visibility}.ts', 'principals worlds names'],
    ['src/{event-loop,tail}.ts', 'event-loop subscription'],
  ],
  auth: [['src/auth/*.ts', 'auth jwt']],
  graph: [
    ['src/schema/time-buckets.ts', 'time-buckets'],
    ['src/schema/filter-text.ts', 'filters export'],
    ['src/schema/event-filter.ts', 'filters events bounds'],
    ['src/schema/{count-fields,count-types}.ts', 'counts bounds'],
    ['src/schema/{connection,event-type}.ts', 'cursors events connections bounds'],
    [
      'src/schema/{coverage-type,former-names-field,organization-type,principal-types,viewer-type}.ts',
      'coverage names principals',
    ],
    ['src/schema/entities.ts', 'federation'],
    ['src/schema/feed-fields.ts', 'feed'],
  ],
  doors: [['src/server/routes/{export-route,feed-route}.ts', 'export collect audit']],
  transfer: [
    ['src/transfer/csv.ts', 'csv'],
    ['src/transfer/ocsf.ts', 'ocsf'],
    ['src/transfer/{import,item-scanner,json}.ts', 'import'],
    ['src/transfer/{event-walk,export,export-formats,enriched-event}.ts', 'walk export'],
    ['src/transfer/{exported-file,ndjson,complete-rows}.ts', 'exported-file'],
  ],
  scaleway: [
    ['src/scaleway/{wire,entries,fields}.ts', 'listing import recorded'],
    ['src/scaleway/{client,http-client,retry,diagnose}.ts', 'sync sync-directory fake-scaleway'],
    ['src/scaleway/{log-window,complete-list}.ts', 'log-window'],
    ['src/scaleway/sync-events.ts', 'sync'],
    ['src/scaleway/{detect-scaleway,sync,sync-directory}.ts', 'sync-directory'],
  ],
  storage: [
    ['src/storage/{seal-chain,seal}.ts', 'chain store'],
    ['src/storage/database-address.ts', 'addresses'],
    ['src/storage/{codec,update-directory,rights,counts-values}.ts', 'store counts names'],
  ],
}

const REPORT = 'test/mutants/report/mutants'

const asked = process.argv.slice(2)
const names = asked.filter(word => !word.includes('/'))
const files = asked.filter(word => word.includes('/'))
const unknown = names.filter(name => !(name in ROOMS))
if (unknown.length > 0) {
  console.error(`no room ${unknown.join(', ')}: there are ${Object.keys(ROOMS).join(', ')}`)
  process.exit(2)
}

const known = Object.values(ROOMS).flatMap(groups =>
  groups.flatMap(([pattern]) => filesOf(pattern)),
)
const strange = files.filter(file => !known.includes(fileOf(file)))
if (strange.length > 0) {
  console.error(
    `no room has ${strange.join(', ')}: check the name, or add it to ROOMS in test/mutants/run.ts`,
  )
  process.exit(2)
}

for (const [name, groups] of Object.entries(ROOMS)) {
  for (const [pattern, tests] of groups) {
    const own = filesOf(pattern)
    const isRoom = asked.length === 0 || names.includes(name)
    const chosen = isRoom ? own : files.filter(file => own.includes(fileOf(file)))
    if (chosen.length > 0) run(chosen, tests.split(' '))
  }
}

/** Without the range of lines that may follow it. */
function fileOf(word: string): string {
  return word.replace(/:.*/, '')
}

/** Refuses a name in braces that is no longer a file's: it would be left out without a word. */
function filesOf(pattern: string): string[] {
  const found = globSync(pattern)
  const names = /\{(.*)\}/.exec(pattern)?.[1]?.split(',').length ?? 1
  if (found.length >= names) return found
  console.error(`${pattern} names files that are not there`)
  process.exit(2)
}

function run(mutated: readonly string[], tests: readonly string[]): void {
  const include = tests.map(test => `test/${test}.test.ts`)
  const { status } = spawnSync(
    'npx',
    ['stryker', 'run', 'test/mutants/stryker.config.json', '--mutate', mutated.join(',')],
    { stdio: 'inherit', env: { ...process.env, IAM_LOGS_MUTANTS_TESTS: include.join(',') } },
  )
  if (status !== 0) process.exitCode = 1
  else {
    const name = mutated.map(file => basename(file, '.ts')).join('+')
    for (const kind of ['html', 'json'])
      renameSync(`${REPORT}.${kind}`, `${REPORT}-${name}.${kind}`)
  }
}
