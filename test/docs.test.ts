// The documentation is correct: its queries and commands are run as written, on the sample history that the README names,
// and its links, file names, settings and formats exist.

import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SETTING_NAMES } from '../src/cli/config.ts'
import { SAMPLE, writeSample } from '../src/cli/sample-command.ts'
import { EXPORT_FORMATS } from '../src/transfer/export-formats.ts'
import { openApp } from './support/app.ts'
import { ENTRY, type Running, run, start, temporaryFolder } from './support/command.ts'
import { at } from './support/events.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FILES = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...readdirSync(join(ROOT, 'docs')).map(name => `docs/${name}`),
]
const TEXTS = new Map(FILES.map(file => [file, readFileSync(join(ROOT, file), 'utf8')]))
const README = TEXTS.get('README.md') ?? ''

/** The code blocks of a language: file and line, and the text without the indentation of a list. */
const blocks = (...languages: string[]) =>
  [...TEXTS].flatMap(([file, text]) =>
    [...text.matchAll(/^( *)```(\w+)\n(.*?)^ *```/gms)]
      .filter(([, , language = '']) => languages.includes(language))
      .map(({ index, 1: indent = '', 3: body = '' }) => ({
        file,
        line: text.slice(0, index).split('\n').length,
        text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      })),
  )

const UNTIL = /iam-logs sample --until (\S+) && npm start/.exec(README)?.[1] ?? ''
const app = await openApp()
await writeSample(app.store, { ...SAMPLE, until: at(`${UNTIL}T00:00:00Z`) })
const token = await app.token([], await app.store.organizationIds())
afterAll(() => app.store.close())

describe('queries in the documentation', () => {
  // Relay's fragments are tested with its compiler, in client-caches.test.ts.
  const queries = blocks('graphql').filter(({ text }) => !text.startsWith('fragment'))

  test.each(queries)('the query at $file:$line returns events or permissions', async ({ text }) => {
    const { data, errors } = await app.ask(text, {}, token)
    expect(errors).toBeUndefined()
    expect(JSON.stringify(data)).toMatch(/"(createdAt|latest)":"20|"seesEvents":true/)
  })

  test('are found in the README, graph.md, feed.md and sync.md', () => {
    const files = new Set(queries.map(({ file }) => file))
    for (const file of ['README.md', 'docs/graph.md', 'docs/feed.md', 'docs/sync.md'])
      expect(files).toContain(file)
  })

  test('the query of the README returns the response shown below it', async () => {
    const { data } = await app.ask(queries[0]?.text ?? '', {}, token)
    expect({ data }).toEqual(JSON.parse(blocks('json')[0]?.text ?? ''))
  })

  test('the events whose IDs the documentation shows exist in the sample, with the dates shown', async () => {
    const all = [...TEXTS.values()].join('\n')
    const shown = [
      /\nid: ([\da-f-]{36})\n/,
      /"logs":\[\{"id":"([\da-f-]{36})"/,
      /[?&]after=([\da-f-]{36})/,
    ].flatMap(pattern => [...all.matchAll(new RegExp(pattern, 'g'))].map(([, id]) => id))
    expect(shown.length).toBeGreaterThanOrEqual(3)
    const fields = shown.map((id, at) => `e${at}: event(id: "${id}") { id: eventId createdAt }`)
    const { data } = await app.ask(`{ ${fields.join(' ')} }`, {}, token)
    expect(Object.values(data ?? {})).toEqual(
      shown.map(id => ({ id, createdAt: expect.toSatisfy(date => all.includes(`"${date}"`)) })),
    )
  })
})

describe('commands in the documentation', () => {
  const folder = temporaryFolder()
  const cwd = folder.path
  const bin = join(cwd, 'bin')
  let server: Running
  let host = ''

  beforeAll(async () => {
    mkdirSync(bin)
    // Runs `npx iam-logs` as in a clone of the repository.
    writeFileSync(join(bin, 'npx'), `#!/bin/sh\nshift\nexec ${process.execPath} ${ENTRY} "$@"\n`)
    chmodSync(join(bin, 'npx'), 0o755)
    await run(['sample', '--until', UNTIL], { cwd })
    server = start(['serve', '--port', '0'], { cwd, environment: { IAM_LOGS_WORKERS: '1' } })
    const link = await server.line(/^Logs: /)
    host = new URL(link.slice(link.indexOf('http'))).host
  })
  afterAll(async () => {
    await server.stop()
    folder[Symbol.dispose]()
  })

  /** Commands that cannot be run in an empty folder of one machine. */
  const ELSEWHERE =
    /^(npm|scw|ssh|export SCW_)|postgres:\/\/|npm start|vitest|\bssh\b|:4100|iam-logs serve/m
  const { runnable, others } = Object.groupBy(blocks('sh', 'console'), ({ text }) =>
    ELSEWHERE.test(text) || /\$IAM_LOGS_DATABASE/.test(text) ? 'others' : 'runnable',
  )

  const shell = async (text: string) => {
    const lines = text.startsWith('$ ')
      ? text.split('\n').flatMap(line => (line.startsWith('$ ') ? [`npx ${line.slice(2)}`] : []))
      : [text]
    const script = lines
      .join('\n')
      .replaceAll('127.0.0.1:4000', host)
      .replaceAll('/mnt/elsewhere', cwd)
      .replaceAll('curl ', 'curl -sS ')
      .replace(
        /access revoke ID$/m,
        'access revoke $(npx iam-logs access list | tail -n 1 | cut -d" " -f1)',
      )
      .replace(/revoke ID$/m, 'revoke $(npx iam-logs token list | grep audit | cut -d" " -f1)')
    // A subscription does not end: the first event is enough.
    const bounded = text.includes('curl -N') ? `${script.trimEnd()} | sed /^data/q` : script
    const env = { PATH: `${bin}${delimiter}${process.env.PATH}` }
    return promisify(execFile)('sh', ['-euc', bounded], { cwd, env })
  }

  test.each(runnable ?? [])(
    'the commands at $file:$line run without an error',
    async ({ text }) => {
      const { stdout } = await shell(text)
      expect(stdout).not.toMatch(/"errors"|"error"/)
      if (text.includes('curl') && !text.includes(' -o ')) expect(stdout).toMatch(/"(eventI|i)d"/)
      if (text.includes('curl -N')) expect(stdout).toMatch(/^id: 21f7c028/m)
      if (text.includes('verify')) expect(stdout).toMatch(/ is complete|: no faults found$/m)
      const [complete] = /is complete: [\d,]+ events/.exec(stdout) ?? []
      if (complete !== undefined) expect(TEXTS.get('docs/export.md')).toContain(complete)
    },
  )

  // Of commands that cannot be run here, the name and the options are compared with the help.
  const written = (others ?? []).flatMap(({ file, text }) =>
    [...text.replaceAll('\\\n', ' ').matchAll(/npx iam-logs ([^|&#\n]+)/g)].map(
      ([, words = '']) => ({
        file,
        words: words.trim(),
      }),
    ),
  )
  test.each(written)(
    '$file: the command and options of "iam-logs $words" exist',
    async ({ words }) => {
      const path = /^(token )?[\w-]+/.exec(words)?.[0].split(' ') ?? []
      const { code, stdout } = await run([...path, '--help'], { cwd })
      expect(code).toBe(0)
      for (const [option] of words.matchAll(/--[a-z-]+/g)) expect(stdout).toContain(option)
    },
  )

  test.each(
    [...TEXTS].flatMap(([file, text]) =>
      [...text.matchAll(/\bnpm run ([\w:]+)/g)].map(([, name = '']) => ({ file, name })),
    ),
  )('$file: the script of "npm run $name" exists', ({ name }) => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    expect(Object.keys(scripts)).toContain(name)
  })
})

describe('references in the documentation', () => {
  const anchors = (text: string) =>
    [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    )

  test.each(FILES)('every link in %s leads to an existing file and heading', file => {
    for (const [, target = ''] of (TEXTS.get(file) ?? '').matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [path = '', anchor] = target.split('#')
      const found = join(ROOT, dirname(file), path)
      expect(existsSync(path === '' ? join(ROOT, file) : found), target).toBe(true)
      if (anchor !== undefined)
        expect(anchors(readFileSync(path === '' ? join(ROOT, file) : found, 'utf8'))).toContain(
          anchor,
        )
    }
  })

  test.each(FILES)('every source file named in %s exists', file => {
    for (const [, name = ''] of (TEXTS.get(file) ?? '').matchAll(
      /`((?:src|test|bench|drizzle|packaging)\/[\w./-]*)`/g,
    ))
      expect(existsSync(join(ROOT, name)), name).toBe(true)
  })

  test('docs/export.md has every export format, and docs/feed.md exactly those that the feed has', () => {
    for (const { name, extension, header } of EXPORT_FORMATS) {
      expect(TEXTS.get('docs/export.md')).toContain(`| \`${extension}\`, \`--format ${name}\` |`)
      const feed = expect(TEXTS.get('docs/feed.md'))
      const path = `\`/feed/{organizationId}${extension}\``
      if (header === '') feed.toContain(path)
      else feed.not.toContain(path)
    }
  })

  test('docs/settings.md has exactly the settings of the program', () => {
    const [table = ''] =
      /(?<=^## Settings$).*?(?=^## )/ms.exec(TEXTS.get('docs/settings.md') ?? '') ?? []
    const cells = [...table.matchAll(/^\|([^|]*)\|/gm)].map(([, cell = '']) => cell).join()
    // Other variables in the table belong to Scaleway's tools, or to every program.
    const described = [...cells.matchAll(/(?:IAM_LOGS|OTEL)_\w+/g)].map(([name]) => name)
    expect(described.toSorted()).toEqual(SETTING_NAMES.toSorted())
  })
})
