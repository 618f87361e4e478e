// The structure of the code: which folder may import from which, no circular imports, no packages in the domain model,
// and rules for single files, such as their length.

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const SOURCE = fileURLToPath(new URL('../src', import.meta.url))

/** The folders from which each folder may import, besides itself; `.` is the domain model, the files in src itself. */
const ALLOWED: Record<string, readonly string[]> = {
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

/** The same for the folders of the Logs page; `.` is the files in its main folder: languages and dates. */
const PAGE = 'web/logs/'
const COMMON = ['.', 'api', 'view', 'parts']
const PARTS = [...COMMON, 'figures', 'filters', 'tools', 'list']
const ALLOWED_ON_PAGE: Record<string, readonly string[]> = {
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

function folderOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] ?? '') : '.'
}

test('the folders of src are those whose imports are described here', () => {
  const folders = new Set(sources.map(({ path }) => folderOf(path)))
  expect(folders).toEqual(new Set(Object.keys(ALLOWED)))
})

test('each folder of src imports only from the folders allowed for it', () => {
  const forbidden = sources.flatMap(({ path, files }) =>
    files
      .filter(file => folderOf(file) !== folderOf(path))
      .filter(file => !ALLOWED[folderOf(path)]?.includes(folderOf(file)))
      .map(file => `${path} imports ${file}`),
  )
  expect(forbidden).toEqual([])
})

test('each folder of the Logs page imports only from the folders allowed for it; only index.tsx imports from all', () => {
  const pages = sources.filter(({ path }) => path.startsWith(PAGE) && path !== `${PAGE}index.tsx`)
  const pageFolderOf = (path: string) => folderOf(path.slice(PAGE.length))
  const folders = new Set(pages.map(({ path }) => pageFolderOf(path)))
  expect(folders).toEqual(new Set(Object.keys(ALLOWED_ON_PAGE)))
  const forbidden = pages.flatMap(({ path, files }) =>
    files
      .filter(file => pageFolderOf(file) !== pageFolderOf(path))
      .filter(file => !ALLOWED_ON_PAGE[pageFolderOf(path)]?.includes(pageFolderOf(file)))
      .map(file => `${path} imports ${file}`),
  )
  expect(forbidden).toEqual([])
})

test('the domain model, the files in src itself, imports no package', () => {
  const found = sources
    .filter(({ path }) => folderOf(path) === '.')
    .flatMap(({ path, packages }) => packages.map(name => `${path} imports ${name}`))
  expect(found).toEqual([])
})

test.each([
  ['storage', 'databases', /^(drizzle-orm|better-sqlite3|pg$)/],
  ['server', 'Yoga', /^graphql-(yoga|jit)$/],
  ['schema', 'Pothos and DataLoader', /^(@pothos\/|dataloader$)/],
  ['auth', 'identity providers', /^(jose|openid-client)$/],
  ['transfer', 'CSV', /^csv-/],
  ['sample', 'random numbers', /^pure-rand/],
  ['web', 'Preact', /^(preact|@preact\/|@tanstack\/)/],
  [
    'cli',
    'the command line, the log and telemetry',
    /^(commander|pino|cli-progress|@opentelemetry\/sdk)/,
  ],
])('only the folder %s imports packages for %s', (folder, _, names) => {
  const importing = sources.filter(({ packages }) => packages.some(name => names.test(name)))
  expect(new Set(importing.map(({ path }) => folderOf(path)))).toEqual(new Set([folder]))
})

test('there are no circular imports', () => {
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

test('every import in src that this file finds leads to an existing file, and it finds more than 50', () => {
  const paths = new Set(sources.map(({ path }) => path))
  expect(sources.flatMap(({ files }) => files.filter(file => !paths.has(file)))).toEqual([])
  expect(sources.flatMap(({ files }) => files).length).toBeGreaterThan(50)
})

test('every file begins with a comment, and no file written by hand is longer than 400 lines', () => {
  const written = sources.filter(({ path }) => path !== 'web/logs/api/page-documents.ts')
  const found = written.filter(({ text }) => {
    const lines = text.split('\n')
    const first = lines[0]?.startsWith('#!') ? lines[1] : lines[0]
    return lines.length > 400 || !/^(\/\/|\/\*)/.test(first ?? '')
  })
  expect(found.map(({ path }) => path)).toEqual([])
})

test('no two files in src have the same name, except index', () => {
  const names = sources
    .map(({ path }) => basename(path))
    .filter(name => /\.tsx?$/.test(name))
    .map(name => name.replace(/\.tsx?$/, ''))
  expect(names.filter((name, at) => name !== 'index' && names.indexOf(name) !== at)).toEqual([])
})

test('every file named in test/mutants/run.ts exists, and npm run test:mutants refuses a file that is not among them', () => {
  const run = ['test/mutants/run.ts', 'src/none.ts']
  const { stderr } = spawnSync(process.execPath, run, { cwd: join(SOURCE, '..'), encoding: 'utf8' })
  expect(stderr).toContain('no area has src/none.ts')
})

test('only cli/config.ts reads process.env', () => {
  const found = sources.filter(({ text }) => text.includes('process.env'))
  expect(found.map(({ path }) => path)).toEqual(['cli/config.ts'])
})
