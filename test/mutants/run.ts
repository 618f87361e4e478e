// Mutation tests: `npm run test:mutants -- [AREA or FILE …]` changes the code in one place at a time, and reports the
// changes (mutants) that no test detects. Default: all areas. For each file only the tests listed beside it run, because
// all tests would take days; so another test may still detect a mutant that survives here. The reports are in
// test/mutants/report.

import { spawnSync } from 'node:child_process'
import { existsSync, globSync, renameSync } from 'node:fs'
import { basename } from 'node:path'

/** By area: patterns of files, each with the names of the test files that test them. */
const AREAS: Readonly<Record<string, readonly (readonly [files: string, tests: string])[]>> = {
  domain: [
    ['src/instant.ts', 'instant'],
    ['src/coverage.ts', 'coverage'],
    ['src/{errors,id,text}.ts', 'text'],
    ['src/{audit-record,event,diagnostic}.ts', 'text audit events'],
    ['src/{principal,visibility}.ts', 'principals hidden-data former-names'],
    ['src/{event-loop,tail}.ts', 'event-loop subscription'],
  ],
  auth: [['src/auth/*.ts', 'auth jwt']],
  schema: [
    ['src/schema/time-buckets.ts', 'time-buckets'],
    ['src/schema/filter-text.ts', 'filters export'],
    ['src/schema/event-filter.ts', 'filters events bounds'],
    ['src/schema/{count-fields,count-types}.ts', 'counts bounds'],
    ['src/schema/{connection,event-type}.ts', 'cursors events connections former-names bounds'],
    [
      'src/schema/{coverage-type,organization-type,principal-types,viewer-type}.ts',
      'coverage former-names principals',
    ],
    ['src/schema/entities.ts', 'federation'],
    ['src/schema/feed-fields.ts', 'feed'],
  ],
  routes: [['src/server/routes/{export-route,feed-route}.ts', 'export feed-over-http audit']],
  transfer: [
    ['src/transfer/csv.ts', 'csv'],
    ['src/transfer/ocsf.ts', 'ocsf'],
    ['src/transfer/{import,item-scanner,json}.ts', 'import'],
    ['src/transfer/{event-walk,export,export-formats,enriched-event}.ts', 'export-walk export'],
    ['src/transfer/{exported-file,ndjson}.ts', 'exported-file'],
  ],
  scaleway: [
    ['src/scaleway/{wire,entries,fields}.ts', 'directory-formats import recorded'],
    ['src/scaleway/{client,http-client,retry,diagnose}.ts', 'sync sync-directory'],
    ['src/scaleway/{log-window,complete-list}.ts', 'log-window sync'],
    ['src/scaleway/sync-events.ts', 'sync'],
    ['src/scaleway/{sync,sync-directory}.ts', 'sync-directory'],
  ],
  storage: [
    ['src/storage/{seal-chain,seal}.ts', 'seals store'],
    ['src/storage/database-address.ts', 'addresses secrets'],
    ['src/storage/{codec,update-directory,directory,counts}.ts', 'store counts former-names'],
  ],
}

const REPORT = 'test/mutants/report/mutants'

const args = process.argv.slice(2)
const names = args.filter(arg => !arg.includes('/'))
const files = args.filter(arg => arg.includes('/'))
const unknown = names.filter(name => !(name in AREAS))
if (unknown.length > 0) {
  fail(`unknown area ${unknown.join(', ')}: choose from ${Object.keys(AREAS).join(', ')}`)
}

const groups = Object.entries(AREAS).flatMap(([area, groups]) =>
  groups.map(([pattern, tests]) => ({ area, files: filesOf(pattern), tests: testsOf(tests) })),
)
const unlisted = files.filter(file => !groups.some(group => group.files.includes(pathOf(file))))
if (unlisted.length > 0) {
  fail(
    `no area has ${unlisted.join(', ')}: check the name, or add it to AREAS in test/mutants/run.ts`,
  )
}

for (const group of groups) {
  const isWhole = args.length === 0 || names.includes(group.area)
  const chosen = isWhole ? group.files : files.filter(file => group.files.includes(pathOf(file)))
  if (chosen.length > 0) run(chosen, group.tests)
}

/** An argument without the range of lines that may follow the path. */
function pathOf(arg: string): string {
  return arg.replace(/:.*/, '')
}

/** Fails if a file named in the pattern does not exist, which `globSync` ignores. */
function filesOf(pattern: string): string[] {
  const found = globSync(pattern)
  const names = /\{(.*)\}/.exec(pattern)?.[1]?.split(',').length ?? 1
  if (found.length < names) fail(`${pattern} names files that do not exist`)
  return found
}

function testsOf(names: string): string[] {
  const paths = names.split(' ').map(name => `test/${name}.test.ts`)
  const missing = paths.filter(path => !existsSync(path))
  if (missing.length > 0) fail(`${missing.join(', ')} in AREAS does not exist`)
  return paths
}

function fail(message: string): never {
  console.error(message)
  process.exit(2)
}

function run(mutated: readonly string[], tests: readonly string[]): void {
  const { status } = spawnSync(
    'npx',
    ['stryker', 'run', 'test/mutants/stryker.config.json', '--mutate', mutated.join(',')],
    { stdio: 'inherit', env: { ...process.env, IAM_LOGS_MUTANTS_TESTS: tests.join(',') } },
  )
  if (status !== 0) process.exitCode = 1
  else {
    const name = mutated.map(file => basename(file, '.ts')).join('+')
    for (const kind of ['html', 'json'])
      renameSync(`${REPORT}.${kind}`, `${REPORT}-${name}.${kind}`)
  }
}
