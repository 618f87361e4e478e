// The house keeps its shape: which room may enter which, no circles, no package among the words, and no
// file so long that nobody decided it.

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const SOURCE = fileURLToPath(new URL('../src', import.meta.url))

/** The rooms each room may enter beside itself; `.` stands for the words, the files in src itself. */
const DOORS: Record<string, readonly string[]> = {
  '.': [],
  web: [],
  storage: ['.'],
  scaleway: ['.'],
  transfer: ['.'],
  auth: ['.'],
  sample: ['.'],
  schema: ['.'],
  server: ['.', 'schema', 'auth', 'transfer', 'web'],
  cli: ['.', 'storage', 'scaleway', 'transfer', 'auth', 'schema', 'server', 'sample'],
}

/** The same for the folders of the Logs page; `.` stands for its words: languages and dates. */
const PAGE = 'web/logs/'
const COMMON = ['.', 'api', 'view', 'parts']
const PARTS = [...COMMON, 'figures', 'filters', 'tools', 'list']
const PAGE_DOORS: Record<string, readonly string[]> = {
  '.': ['view'],
  style: [],
  api: ['.'],
  view: ['api'],
  parts: ['.', 'api', 'view'],
  counted: COMMON,
  figures: [...COMMON, 'counted'],
  filters: [...COMMON, 'counted'],
  tools: COMMON,
  list: COMMON,
  views: COMMON,
  principal: PARTS,
  shell: [...PARTS, 'counted', 'views', 'principal'],
}

interface Source {
  readonly path: string
  readonly text: string
  /** Files it imports, as paths like its own. */
  readonly files: readonly string[]
  readonly packages: readonly string[]
}

const sources = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter(path => /\.(tsx?|css)$/.test(path) || path.endsWith('iam-logs.js'))
  .map((path): Source => {
    const text = readFileSync(join(SOURCE, path), 'utf8')
    const imported = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => match[1])
    const named = imported.filter(name => name !== undefined)
    const own = named.filter(name => name.startsWith('.'))
    return {
      path,
      text,
      files: own.map(name => relative(SOURCE, normalize(join(SOURCE, dirname(path), name)))),
      packages: named.filter(name => !name.startsWith('.')),
    }
  })

function roomOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] ?? '') : '.'
}

test('the house has the rooms that are drawn, and no other', () => {
  const rooms = new Set(sources.map(({ path }) => roomOf(path)))
  expect([...rooms].filter(room => !(room in DOORS))).toEqual([])
})

test('imports go through the doors', () => {
  const trespasses = sources.flatMap(({ path, files }) =>
    files
      .filter(file => roomOf(file) !== roomOf(path) && !DOORS[roomOf(path)]?.includes(roomOf(file)))
      .map(file => `${path} enters ${file}`),
  )
  expect(trespasses).toEqual([])
})

test('imports among the folders of the Logs page go one way, and only its main file enters them all', () => {
  const pages = sources.filter(({ path }) => path.startsWith(PAGE) && path !== `${PAGE}index.tsx`)
  const folderOf = (path: string) => roomOf(path.slice(PAGE.length))
  expect(new Set(pages.map(({ path }) => folderOf(path)))).toEqual(new Set(Object.keys(PAGE_DOORS)))
  const trespasses = pages.flatMap(({ path, files }) =>
    files
      .filter(file => folderOf(file) !== folderOf(path))
      .filter(file => !PAGE_DOORS[folderOf(path)]?.includes(folderOf(file)))
      .map(file => `${path} enters ${file}`),
  )
  expect(trespasses).toEqual([])
})

test('the words import no package', () => {
  const found = sources
    .filter(({ path }) => roomOf(path) === '.')
    .flatMap(({ path, packages }) => packages.map(name => `${path} imports ${name}`))
  expect(found).toEqual([])
})

test.each([
  ['storage', 'the databases', /^(drizzle-orm|better-sqlite3|pg$)/],
  ['server', 'Yoga', /^graphql-(yoga|jit)$/],
  ['schema', 'Pothos and DataLoader', /^(@pothos\/|dataloader$)/],
  ['auth', 'identity providers', /^(jose|openid-client)$/],
  ['scaleway', "Scaleway's API", /^@scaleway\/sdk-/],
  ['transfer', 'CSV', /^csv-/],
  ['sample', 'chance', /^pure-rand/],
  ['web', 'Preact', /^(preact|@preact\/|@tanstack\/)/],
  [
    'cli',
    'the command line, the log and telemetry',
    /^(commander|pino|cli-progress|@opentelemetry\/sdk)/,
  ],
])('only %s knows %s', (room, _, known) => {
  const knowing = sources.filter(({ packages }) => packages.some(name => known.test(name)))
  expect(new Set(knowing.map(({ path }) => roomOf(path)))).toEqual(new Set([room]))
})

test('imports go in no circle', () => {
  const bySource = new Map(sources.map(source => [source.path, source]))
  const done = new Set<string>()
  function visit(path: string, trail: readonly string[]): string | null {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path].join(' → ')
    if (done.has(path)) return null
    for (const file of bySource.get(path)?.files ?? []) {
      const circle = visit(file, [...trail, path])
      if (circle !== null) return circle
    }
    done.add(path)
    return null
  }
  const circles = sources.map(({ path }) => visit(path, [])).filter(circle => circle !== null)
  expect(circles).toEqual([])
})

test('every imported file is there, so that this test looks at real arrows', () => {
  const paths = new Set(sources.map(({ path }) => path))
  expect(sources.flatMap(({ files }) => files.filter(file => !paths.has(file)))).toEqual([])
  expect(sources.flatMap(({ files }) => files).length).toBeGreaterThan(50)
})

test('every file says first what it is for, and none that people write is longer than 400 lines', () => {
  const written = sources.filter(({ path }) => path !== 'web/logs/api/page-documents.ts')
  const found = written.filter(({ text }) => {
    const lines = text.split('\n')
    const first = lines[0]?.startsWith('#!') ? lines[1] : lines[0]
    return lines.length > 400 || !/^(\/\/|\/\*)/.test(first ?? '')
  })
  expect(found.map(({ path }) => path)).toEqual([])
})

test('each file has a name of its own, so that its name alone finds it', () => {
  const names = sources
    .map(({ path }) => basename(path))
    .filter(name => /\.tsx?$/.test(name))
    .map(name => name.replace(/\.tsx?$/, ''))
  expect(names.filter((name, at) => name !== 'index' && names.indexOf(name) !== at)).toEqual([])
})

test('npm run test:mutants names no file that is not there', () => {
  const run = ['test/mutants/run.ts', 'src/none.ts']
  const { stderr } = spawnSync(process.execPath, run, { cwd: join(SOURCE, '..'), encoding: 'utf8' })
  expect(stderr).toContain('no room has src/none.ts')
})

test('only the configuration reads the environment', () => {
  const found = sources.filter(({ text }) => text.includes('process.env'))
  expect(found.map(({ path }) => path)).toEqual(['cli/config.ts'])
})
