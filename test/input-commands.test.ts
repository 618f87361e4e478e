// Hostile strings in every field of an import, every option of a command and every setting: an accepted value is stored
// unchanged by both databases, and a refused one gets a message of one line.

import type { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readConfig, SETTING_NAMES } from '../src/cli/config.ts'
import { main } from '../src/cli/main.ts'
import { UserError } from '../src/errors.ts'
import type { Event } from '../src/event.ts'
import { scalewayIds } from '../src/principal.ts'
import { decodeEvent, decodeListing } from '../src/scaleway/wire.ts'
import { openStore } from '../src/storage/open.ts'
import type { AuditStore, DirectoryListing } from '../src/store.ts'
import { importEvents } from '../src/transfer/import.ts'
import { emptyDatabase, run } from './support/command.ts'
import { ORGANIZATION, uuid } from './support/events.ts'
import { LONG } from './support/long.ts'
import { anyText, expectFitting, NASTY, POINTED, some } from './support/nasty.ts'
import { type Pglite, startPglite } from './support/postgres.ts'
import { owner } from './support/viewers.ts'

function textsFor(number: number, step: number): string[] {
  return [
    ...POINTED,
    ...some(NASTY, number, LONG ? 1 : step),
    ...fc.sample(anyText, { numRuns: LONG ? 200 : 10, seed: number + 1 }),
  ]
}

/** PGlite, unlike a PostgreSQL server, drops a byte order mark at the beginning of a text. */
function isReturned(text: string): boolean {
  return !text.startsWith('\ufeff')
}

let pglite: Pglite
let stores: readonly [sqlite: AuditStore, postgres: AuditStore]

beforeAll(async () => {
  pglite = await startPglite()
  stores = [
    await openStore(':memory:', { scalewayIds: scalewayIds(), clock: () => 0 }),
    await pglite.open({ clock: () => 0 }),
  ]
})

afterAll(async () => {
  for (const store of stores) await store.close()
  await pglite.close()
})

const LOG = {
  id: uuid(0, 'e0000000'),
  organization_id: ORGANIZATION,
  created_at: '2026-01-01T00:00:00.000001Z',
  action: 'created',
  resource_type: 'user',
  resource_id: uuid(1),
  bearer_id: uuid(2),
  ip: '192.0.2.1',
  user_agent: 'curl/8.0',
}

describe('an imported event', () => {
  const fields = Object.keys(LOG) as (keyof typeof LOG)[]
  const logs = fields.flatMap((field, number) =>
    textsFor(number, 6).map((text, at) => ({
      field,
      text,
      log: { ...LOG, id: uuid(number * 100_000 + at, 'e0000000'), [field]: text },
    })),
  )

  test('is stored unchanged, or is left out and reported in one line', async () => {
    const input = logs.map(({ log }) => JSON.stringify(log)).join('\n')
    const kept: (readonly unknown[])[] = []
    for (const store of stores) {
      const problems = new Map<number, string>()
      const { failed, added, known } = await importEvents(
        (async function* () {
          yield Buffer.from(input)
        })(),
        decodeEvent,
        (events: readonly Event[]) => store.append(events),
        { problem: (line, text) => problems.set(line, text) },
      )
      expect(problems.size).toBe(failed)
      expect(added + known + failed).toBe(logs.length)
      for (const [line, problem] of problems) expectFitting(problem, logs[line - 1]?.text ?? '')
      const events = await store.reader(owner).eventsById(logs.map(({ log }) => log.id))
      logs.forEach(({ log, field, text }, at) => {
        const event = events[at] ?? null
        if (problems.has(at + 1)) expect(event).toBeNull()
        // With another ID, Organization or date, the stored event may be that of another line.
        if (event === null || ['id', 'organization_id', 'created_at'].includes(field)) return
        const { action, category, resourceId, principalId, ipAddress, userAgent } = event
        const found = [action, category, resourceId, principalId, ipAddress ?? '', userAgent ?? '']
        const ids = [log.resource_id, log.bearer_id]
        const imported = [log.action, log.resource_type, ...ids, log.ip, log.user_agent]
        if (isReturned(text) && !(field === 'bearer_id' && text === '')) {
          expect(found).toEqual(imported)
        }
      })
      kept.push(events.filter((_, at) => isReturned(logs[at]?.text ?? '')))
    }
    expect(kept[1]).toEqual(kept[0])
    expect(kept[0]?.filter(event => event !== null).length).toBeGreaterThan(logs.length / 3)
  })
})

describe('an imported directory', () => {
  const identity = { id: uuid(1), organization_id: ORGANIZATION }
  const dates = { created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' }
  const lists: Record<string, Record<string, unknown>> = {
    users: {
      ...identity,
      ...dates,
      username: 'a',
      email: 'a@b',
      first_name: 'a',
      last_name: 'b',
      type: 'member',
    },
    applications: { ...identity, ...dates, name: 'a', description: 'b' },
    groups: { ...identity, ...dates, name: 'a', user_ids: [], application_ids: [] },
    policies: { ...identity, ...dates, name: 'a', user_id: uuid(2) },
    api_keys: { ...dates, access_key: 'SCWAAAAAAAAAAAAAAAAA', description: 'b', user_id: uuid(2) },
  }

  test.each(Object.entries(lists))(
    'of %s is stored unchanged, except for entries that are reported in one line',
    async (list, item) => {
      const texts = Object.keys(item).flatMap((field, number) =>
        textsFor(number, 30).map((text, at) => ({ field, text, place: number * 10_000 + at })),
      )
      const items = texts.map(({ field, text, place }) => {
        const id = list === 'api_keys' ? { access_key: `K${place}` } : { id: uuid(place) }
        return { ...item, ...id, [field]: Array.isArray(item[field]) ? [text] : text }
      })
      const json = JSON.parse(JSON.stringify({ [list]: items }))
      const decoded = decodeListing(json, ORGANIZATION)
      if (!('value' in decoded)) throw new Error(decoded.problem)
      const { listings, problems } = decoded.value
      for (const { field, problem } of problems) {
        expectFitting(`${field} ${problem}`, ...texts.map(({ text }) => text))
      }
      expect(listings.flatMap(({ entries }) => entries).length).toBe(items.length - problems.length)
      for (const listing of listings) await expectKept(listing)
    },
  )

  async function expectKept(listing: DirectoryListing): Promise<void> {
    // Of two entries with the same ID, the last one is stored.
    const entries = [...new Map(listing.entries.map(entry => [entry.id, entry])).values()].filter(
      entry => !JSON.stringify(entry).includes('\ufeff'),
    )
    for (const store of stores) {
      await store.updateDirectory({ ...listing, entries })
      expect(await store.reader(owner).directory(entries)).toEqual(entries)
    }
  }
})

test('revoking a token that does not exist returns null, whatever its ID', async () => {
  for (const text of POINTED) {
    for (const { tokens } of stores) expect(await tokens.revoke(text)).toBeNull()
  }
})

describe('with a hostile string, the command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'iam-logs-'))
  const before = { ...process.env }
  const output = { out: '', err: '' }

  beforeAll(async () => {
    await emptyDatabase(folder)
    process.stdout.setMaxListeners(0)
    process.setMaxListeners(0)
    Object.assign(process.env, {
      IAM_LOGS_DATABASE: join(folder, 'iam-logs.db'),
      XDG_CONFIG_HOME: folder,
      HOME: folder,
    })
    for (const name of ['SCW_ACCESS_KEY', 'SCW_SECRET_KEY', 'SCW_CONFIG_PATH']) {
      delete process.env[name]
    }
  })
  afterAll(() => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
    Object.assign(process.env, before)
    rmSync(folder, { recursive: true })
  })

  /** Events to which a command adds listeners; they are removed after each command, as all run in this process. */
  const LISTENED: readonly (readonly [EventEmitter, string])[] = [
    [process, 'SIGINT'],
    [process, 'SIGTERM'],
    [process, 'disconnect'],
    [process.stdout, 'error'],
  ]

  async function exitCodeOf(args: readonly string[]): Promise<number> {
    output.out = ''
    output.err = ''
    const listening = LISTENED.map(
      ([emitter, name]) => [emitter, name, emitter.listeners(name)] as const,
    )
    const writes = (['stdout', 'stderr'] as const).map(name =>
      vi.spyOn(process[name], 'write').mockImplementation((chunk, ...rest) => {
        output[name === 'stdout' ? 'out' : 'err'] += String(chunk)
        const done = rest.find(one => typeof one === 'function') as (() => void) | undefined
        if (done !== undefined) queueMicrotask(done)
        return true
      }),
    )
    try {
      process.exitCode = 0
      await main(['node', 'iam-logs', ...args])
      return Number(process.exitCode ?? 0)
    } finally {
      process.exitCode = 0
      for (const write of writes) write.mockRestore()
      for (const [emitter, name, known] of listening) {
        for (const one of emitter.listeners(name)) {
          if (!known.includes(one)) emitter.removeListener(name, one as () => void)
        }
      }
    }
  }

  const owner = ['token', 'create', '--organization', ORGANIZATION, '--owner']
  const exported = ['export', '--organization', ORGANIZATION]

  test.each([
    ['that does not exist', []],
    ['token create --organization', ['token', 'create', '--owner', '--organization']],
    [
      'token create --permission-set',
      ['token', 'create', '--organization', ORGANIZATION, '--permission-set'],
    ],
    ['token create --name', [...owner, '--name']],
    ['token create --expires', [...owner, '--expires']],
    ['token create --subject', [...owner, '--subject']],
    [
      'token create --principal',
      ['token', 'create', '--organization', ORGANIZATION, '--principal'],
    ],
    ['token revoke', ['token', 'revoke', '--']],
    ['export --organization', ['export', '--organization']],
    ['export --format', [...exported, '--format']],
    ['export --created-after', [...exported, '--created-after']],
    ['export --actions', [...exported, '--actions']],
    ['export --categories', [...exported, '--categories']],
    ['export --principal-ids', [...exported, '--principal-ids']],
    ['export --resource-ids', [...exported, '--resource-ids']],
    ['export --ip-addresses', [...exported, '--ip-addresses']],
    ['export --user-agent', [...exported, '--user-agent']],
    ['export --not-actions', [...exported, '--not-actions']],
    ['export --not-user-agents', [...exported, '--not-user-agents']],
    ['export --snapshot', [...exported, '--snapshot']],
    ['export --after', [...exported, '--after']],
    ['import', ['import', '--']],
    ['import --directory', ['import', '--directory']],
    ['import --organization', ['import', '--organization']],
    ['sample --events', ['sample', '--events']],
    ['sample --seed', ['sample', '--events', '1', '--seed']],
    ['sample --until', ['sample', '--events', '1', '--until']],
    ['sample --organizations', ['sample', '--events', '1', '--organizations']],
    ['serve --port', ['serve', '--no-sync', '--port']],
    ['serve --persisted', ['serve', '--port', '0', '--no-sync', '--persisted']],
    ['verify-export', ['verify-export', '--']],
    ['sync --organization', ['sync', '--organization']],
    ['sync --every', ['sync', '--every']],
  ] as [string, string[]][])('%s fails with one line, or succeeds', async (_, args) => {
    for (const text of textsFor(args.length, 200)) {
      // A number would be a valid port or a number of events to create, and `-` is standard input.
      if (/^(\d+|-)$/.test(text) || /^\s*(-h|--help|-V|--version)/.test(text)) continue
      const words = args.length === 0 ? [text || '-x'] : [...args, text]
      const code = await exitCodeOf(words)
      try {
        expect([0, 1, 2]).toContain(code)
        const lines = output.err.split('\n').slice(0, -1)
        if (code !== 0) expect(lines).toHaveLength(1)
        for (const line of lines) expectFitting(line, text)
        expect(output.err).not.toMatch(/\bat .*:\d+:\d+|TypeError/)
      } catch (error) {
        throw new Error(`of ${JSON.stringify(text.slice(0, 200))}: ${output.err.slice(0, 500)}`, {
          cause: error,
        })
      }
    }
  })

  // A sync disconnects from the process that started it, which must not be the process of the tests.
  test('sync --profile fails with one line', async () => {
    for (const text of ['x'.repeat(500), '\r\n\u2028{"level":"error"}', '\u001b[2J\u202e']) {
      const { code, stderr } = await run(['sync', '--profile', text], { cwd: folder })
      expect(code).toBe(1)
      expectFitting(stderr.trimEnd(), text)
    }
  })

  test('token list prints one line for each token, whatever its name', async () => {
    expect(await exitCodeOf(['token', 'list'])).toBe(0)
    const [, ...lines] = output.out.split('\n').slice(0, -1)
    expect(lines.length).toBeGreaterThan(10)
    for (const line of lines) {
      expect(line).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12} {2}/)
      expectFitting(line)
    }
  })
})

describe('a setting', () => {
  test.each(SETTING_NAMES)('%s is accepted, or refused with one line', name => {
    for (const text of [...textsFor(name.length, 3)]) {
      try {
        readConfig({ [name]: text })
      } catch (error) {
        expect(error).toBeInstanceOf(UserError)
        expectFitting((error as UserError).message, text)
      }
    }
  })
})
