// iam-logs sync as a process, with a fake Scaleway: its output, its exit code, and the contents of the database. The last
// test checks that no output and no file has the secret key. `npm run test:long` kills it more often.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatInstant, now } from '../src/instant.ts'
import type { LogReader } from '../src/log-reader.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { ENTRY, type Ended, type Running, start, temporaryFolder } from './support/command.ts'
import { ORGANIZATION, OTHER_ORGANIZATION, query, uuid } from './support/events.ts'
import { LONG } from './support/long.ts'
import { freePort } from './support/ports.ts'
import {
  type FakeOrganization,
  type FakeScaleway,
  group,
  log,
  startFakeScaleway,
  user,
  type WireItem,
} from './support/scaleway.ts'
import { DAY } from './support/upstream.ts'
import { owner } from './support/viewers.ts'

// About forty processes run at the same time.
const KILLS = LONG ? 60 : 4

const ONE_ERROR = /^error: [^\n]+\n$/
const LAST = /^(\S+): ([\d,]+) new events?, ([\d,]+) already here; directory: .*; took [\d.]+ s\n?$/

/** Everything that the processes wrote to their outputs and into databases. */
const written: Buffer[] = []

/** An empty folder, and a Scaleway with one Organization. */
interface Site extends AsyncDisposable {
  readonly cwd: string
  readonly fake: FakeScaleway
  readonly scaleway: FakeOrganization
  readonly environment: Readonly<Record<string, string>>
  /** Runs to its end, with credentials unless another environment is given. */
  run(args?: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>
  start(args?: readonly string[], environment?: Readonly<Record<string, string>>): Running
  /** Reads the database as an Owner of both Organizations. */
  read<T>(ask: (log: LogReader) => Promise<T>): Promise<T>
  /** The IDs of the stored events, sorted. */
  kept(organizationId?: string): Promise<unknown[]>
}

async function site(): Promise<Site> {
  const folder = temporaryFolder()
  const cwd = folder.path
  const fake = await startFakeScaleway()
  const environment = {
    SCW_ACCESS_KEY: fake.accessKey,
    SCW_SECRET_KEY: fake.secretKey,
    SCW_API_URL: fake.url,
    SCW_DEFAULT_ORGANIZATION_ID: ORGANIZATION,
  }
  const begin: Site['start'] = (args = [], variables = environment) => {
    const running = start(['sync', ...args], { cwd, environment: variables })
    running.ended.then(({ stdout, stderr }) => written.push(Buffer.from(stdout + stderr)))
    return running
  }
  const read: Site['read'] = async ask => {
    const store = await openStore(join(cwd, 'iam-logs.db'), { scalewayIds: scalewayIds() })
    try {
      return await ask(store.reader(owner))
    } finally {
      await store.close()
    }
  }
  return {
    cwd,
    fake,
    scaleway: fake.organization(ORGANIZATION),
    environment,
    start: begin,
    run: (args, variables) => begin(args, variables).ended,
    read,
    kept: (organizationId = ORGANIZATION) =>
      read(async log => {
        const { events } = await log.events(query({ organizationId, limit: 100_000 }))
        return events.map(({ id }) => id).toSorted()
      }),
    async [Symbol.asyncDispose]() {
      await fake.close()
      for (const name of readdirSync(cwd).filter(name => name.startsWith('iam-logs.db'))) {
        written.push(readFileSync(join(cwd, name)))
      }
      folder[Symbol.dispose]()
    },
  }
}

/** This number of events at equal distances, from some days ago until now. */
function history(count: number, days = 100): WireItem[] {
  const step = (days * DAY) / count
  const from = now() - days * DAY
  return Array.from({ length: count }, (_, place) =>
    log({ created_at: formatInstant(Math.round(from + place * step)) }),
  )
}

function idsOf(items: readonly WireItem[]): unknown[] {
  return items.map(({ id }) => id).toSorted()
}

function lines(text: string): string[] {
  return text.split('\n').filter(line => line !== '')
}

describe.concurrent('iam-logs sync', () => {
  test('stores all events window by window, and a second run only the one that is new', async () => {
    await using at = await site()
    const events = history(1200)
    at.scaleway.add(...events)
    at.scaleway.users = [user({ first_name: 'Grace', last_name: 'Hopper' }), user()]
    const { code, stdout, stderr } = await at.run()
    expect(code).toBe(0)
    expect(stdout).toMatch(LAST)
    expect(stdout).toMatch(/: 1,200 new events, .*; directory: 2 new or changed, 0 removed; /)
    const windows = lines(stderr).map(line =>
      /^(\S+): (?:the beginning|\S+Z) to (?:now|\S+Z): ([\d,]+) events?, ([\d,]+) new$/.exec(line),
    )
    expect(windows.length).toBeGreaterThan(1)
    expect(windows.every(parts => parts?.[1] === ORGANIZATION)).toBe(true)
    const added = windows.map(parts => Number(parts?.[3]?.replace(',', '')))
    expect(added.reduce((sum, count) => sum + count, 0)).toBe(1200)
    expect(await at.kept()).toEqual(idsOf(events))

    const late = history(1, 50)
    at.scaleway.add(...late)
    const again = await at.run()
    expect([again.code, lines(again.stdout).length]).toEqual([0, 1])
    expect(again.stdout).toMatch(
      /: 1 new event, [\d,]+ already here; directory: 0 new or changed, 0 r/,
    )
    expect(await at.kept()).toEqual(idsOf([...events, ...late]))
    expect(await at.read(log => Promise.resolve(log.countPrincipals(ORGANIZATION, 'hopper')))).toBe(
      1,
    )
  })

  test('writes lines of JSON with --log-format json', async () => {
    await using at = await site()
    at.scaleway.add(...history(20))
    const { code, stdout, stderr } = await at.run(['--log-format', 'json'])
    expect([code, stdout]).toEqual([0, ''])
    const records = lines(stderr).map(line => JSON.parse(line))
    expect(records.at(-1)).toMatchObject({
      level: 'info',
      msg: expect.stringMatching(`^${ORGANIZATION}: 20 new events, `),
    })
  })

  test('reports a wrong API key, profile or option in one line that says what to do', async () => {
    await using at = await site()
    const other = { ...at.environment, SCW_SECRET_KEY: '5ec2e700-0000-4000-8000-000000000000' }
    const wrong = [
      [
        [],
        other,
        1,
        /Scaleway does not accept the API key SCW\w+; check SCW_ACCESS_KEY and SCW_SE/,
      ],
      [
        ['--watch', '--every', '50ms'],
        other,
        1,
        /Scaleway does not accept the API key SCW\w+; che/,
      ],
      [['--profile', 'none'], {}, 1, /config file "\S+config.yaml" cannot be read/],
      [
        ['--organization', 'me'],
        at.environment,
        2,
        /"me" is not a UUID.*\(see iam-logs sync --help\)/,
      ],
      [['--every', 'soon'], at.environment, 2, /Give a duration such as .*sync --help\)/],
    ] as const
    const ends = wrong.map(async ([args, environment, expected, message]) => {
      const { code, stdout, stderr } = await at.run(args, environment)
      expect([code, stdout]).toEqual([expected, ''])
      expect(stderr).toMatch(ONE_ERROR)
      expect(stderr).toMatch(message)
    })
    await Promise.all(ends)
  })

  test('syncs the directory if the log is forbidden, and names the permission set that is missing', async () => {
    await using at = await site()
    at.scaleway.forbid('logs')
    at.scaleway.users = [user({ first_name: 'Grace', last_name: 'Hopper' })]
    const { code, stdout, stderr } = await at.run()
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(ONE_ERROR)
    expect(stderr).toContain(`the permission set IAMReadOnly in the whole Organization`)
    expect(await at.read(log => Promise.resolve(log.countPrincipals(ORGANIZATION, 'hopper')))).toBe(
      1,
    )
  })

  test('succeeds if a list of the directory is forbidden, and names the permission set that is missing', async () => {
    await using at = await site()
    at.scaleway.forbid('users')
    at.scaleway.add(...history(3))
    const { code, stdout, stderr } = await at.run()
    expect(code).toBe(0)
    expect(stdout).toContain('; 1 list not allowed and left unchanged; took')
    expect(
      stderr.match(/may not read the users of .* IAMUserReadOnly or IAMReadOnly/g),
    ).toHaveLength(1)
  })

  test('retries until Scaleway can be reached', async () => {
    await using at = await site()
    const port = await freePort()
    const SCW_API_URL = `http://127.0.0.1:${port}`
    const running = at.start([], { ...at.environment, SCW_API_URL })
    await expect.poll(() => running.stderr()).toMatch(/ECONNREFUSED.*; try 2 of 8 in /)
    const started = await startFakeScaleway({ port })
    const events = history(3)
    started.organization(ORGANIZATION).add(...events)
    const { code, stdout } = await running.ended
    await started.close()
    expect(code).toBe(0)
    expect(stdout).toMatch(LAST)
    expect(await at.kept()).toEqual(idsOf(events))
  })

  test('retries failed requests, and reports each in a line', async () => {
    await using at = await site()
    const events = history(600)
    at.scaleway.add(...events)
    const faults = [
      { kind: 'status', status: 500, body: 'html' },
      { kind: 'retry-after', after: 0 },
      { kind: 'too-many-requests', resetSeconds: 0 },
      { kind: 'reset-midway' },
    ] as const
    // Each on another page, so that delays stay short.
    at.fake.faults = faults.flatMap(fault => [null, fault])
    const { code, stdout, stderr } = await at.run()
    expect(code).toBe(0)
    expect(stdout).toMatch(LAST)
    expect(stderr.match(/; try 2 of 8 in /g)).toHaveLength(4)
    expect(await at.kept()).toEqual(idsOf(events))
  })

  test('syncs several profiles of the config file, each with its own Organization, into one database', async () => {
    await using at = await site()
    const { SCW_ACCESS_KEY, SCW_SECRET_KEY, SCW_API_URL } = at.environment
    mkdirSync(join(at.cwd, '.config', 'scw'), { recursive: true })
    writeFileSync(
      join(at.cwd, '.config', 'scw', 'config.yaml'),
      [
        `access_key: ${SCW_ACCESS_KEY}`,
        `secret_key: ${SCW_SECRET_KEY}`,
        `api_url: ${SCW_API_URL}`,
        `default_organization_id: ${ORGANIZATION}`,
        'profiles:',
        '  second:',
        `    default_organization_id: ${OTHER_ORGANIZATION}`,
        '',
      ].join('\n'),
    )
    const [here, there] = [
      history(3),
      history(2).map(event => ({ ...event, organization_id: OTHER_ORGANIZATION })),
    ]
    at.scaleway.add(...here)
    at.fake.organization(OTHER_ORGANIZATION).add(...there)
    const first = await at.run([], {})
    expect([first.code, first.stdout]).toEqual([0, expect.stringMatching(LAST)])
    expect(await at.kept(OTHER_ORGANIZATION)).toEqual([])
    const both = await at.run(['--profile', 'default', '--profile', 'second'], {})
    expect([both.code, lines(both.stdout).map(line => LAST.exec(line)?.[1])]).toEqual([
      0,
      [ORGANIZATION, OTHER_ORGANIZATION],
    ])
    expect(await at.kept()).toEqual(idsOf(here))
    expect(await at.kept(OTHER_ORGANIZATION)).toEqual(idsOf(there))
  })

  test('syncs the other Organizations if one is refused', async () => {
    await using at = await site()
    const events = history(2).map(event => ({ ...event, organization_id: OTHER_ORGANIZATION }))
    at.fake.organization(OTHER_ORGANIZATION).add(...events)
    at.scaleway.forbid('logs')
    const several = [ORGANIZATION, OTHER_ORGANIZATION].flatMap(id => ['--organization', id])
    const { code, stdout, stderr } = await at.run(several)
    expect(code).toBe(1)
    expect(stderr.match(/^error: .*$/gm)).toHaveLength(1)
    expect(lines(stdout).map(line => LAST.exec(line)?.[1])).toEqual([OTHER_ORGANIZATION])
    expect(await at.kept(OTHER_ORGANIZATION)).toEqual(idsOf(events))
    at.scaleway.forbid('logs', false)
    const again = await at.run(several)
    expect([again.code, lines(again.stdout).length]).toEqual([0, 2])
  })

  test(`loses and duplicates no event when it is killed ${KILLS} times`, async () => {
    await using at = await site()
    const events = history(3000)
    at.scaleway.add(...events)
    at.scaleway.users = Array.from({ length: 120 }, () => user())
    let killed = 0
    for (let run = 0; run < KILLS; run++) {
      const news = [...history(2), ...history(10, 1 / 100)]
      events.push(...news)
      at.scaleway.add(...news)
      const running = at.start()
      // Before the end of the run, and in most runs after the first page of the log.
      const last = 1 + Math.floor(Math.random() * 14)
      let requests = 0
      at.fake.faults = ({ list }) => {
        if (requests > 0 || list === 'logs' || run % 3 === 0) requests++
        // At a random moment after a response, while it is decoded or stored.
        if (requests === last) setTimeout(() => running.kill(), Math.random() * 20)
        return null
      }
      if ((await running.ended).code === null) killed++
    }
    expect(killed).toBeGreaterThan(KILLS * 0.7)
    at.fake.faults = []
    const { code, stdout } = await at.run()
    expect([code, stdout]).toEqual([0, expect.stringMatching(LAST)])
    expect(await at.kept()).toEqual(idsOf(events))
    const { gaps } = (await at.read(async log => log.coverage(ORGANIZATION))) ?? {}
    expect(gaps).toEqual([])
  })

  test('reports at most a hundred faults of events, and how many there are', async () => {
    await using at = await site()
    at.scaleway.add(...history(150).map(one => ({ ...one, organization_id: OTHER_ORGANIZATION })))
    const { code, stderr } = await at.run()
    expect(code).toBe(0)
    expect(stderr.match(/is left out: it belongs to another/g)).toHaveLength(100)
    expect(stderr).toContain('the first 100 of 150 notes are shown above')
  })

  test('that is stopped exits with 1, keeps what it has read, and continues at the next run', async () => {
    await using at = await site()
    const events = history(2500)
    at.scaleway.add(...events)
    let requests = 0
    at.fake.faults = ({ list }) => (list === 'logs' && ++requests > 15 ? { kind: 'silent' } : null)
    const running = at.start()
    await expect.poll(() => requests).toBeGreaterThan(15)
    const { code, stdout, stderr } = await running.stop()
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(
      /\nstopped: everything read so far is kept; to continue, run it again\n$/,
    )
    const kept = (await at.kept()).length
    expect(kept).toBeGreaterThanOrEqual(500)
    expect(kept).toBeLessThan(2500)
    at.fake.faults = []
    expect((await at.run()).stdout).toContain(`: ${(2500 - kept).toLocaleString('en')} new events`)
    expect(await at.kept()).toEqual(idsOf(events))
  })

  test('reports the creator of the default groups as Scaleway, which a setting can overrule, also in the graph', async () => {
    await using at = await site()
    const SCALEWAY = uuid(77)
    at.scaleway.groups = ['Administrators', 'Editors'].map(name => group({ name }))
    at.scaleway.add(
      ...at.scaleway.groups.map(({ id }) =>
        log({ bearer_id: SCALEWAY, resource_type: 'group', resource_id: String(id) }),
      ),
    )
    const not = { IAM_LOGS_SCALEWAY_PRINCIPAL_IDS: `!${SCALEWAY}` }
    const learned = lines((await at.run()).stdout)
    expect(learned).toEqual([
      `${ORGANIZATION}: ${SCALEWAY} created the default groups, so it counts as Scaleway; set IAM_LOGS_SCALEWAY_PRINCIPAL_IDS=!${SCALEWAY} if not`,
      expect.stringMatching(LAST),
    ])
    expect(await principalsByGraph(at.cwd, {})).toEqual([
      { __typename: 'ScalewayPrincipal', id: SCALEWAY, name: 'Scaleway' },
    ])
    const overruled = lines((await at.run([], { ...at.environment, ...not })).stdout)
    expect(overruled).toEqual([
      `${ORGANIZATION}: ${SCALEWAY} created the default groups, but by IAM_LOGS_SCALEWAY_PRINCIPAL_IDS it is not Scaleway`,
      expect.stringMatching(LAST),
    ])
    expect(await principalsByGraph(at.cwd, not)).toEqual([
      { __typename: 'UnknownPrincipal', id: SCALEWAY, name: 'Unknown' },
    ])
  })

  const script = ['/usr/bin/script', '/bin/script'].find(path => existsSync(path))
  test.skipIf(script === undefined)(
    'shows a progress bar on a terminal, and notes and a summary at the end',
    async () => {
      await using at = await site()
      const [middle] = history(1, 50)
      at.scaleway.add(...history(2500), { ...middle, id: 'none' })
      at.fake.faults = () => ({ kind: 'slow', milliseconds: 30 })
      const command = `'${process.execPath}' '${ENTRY}' sync`
      const child = spawn(script ?? '', ['-qec', command, '/dev/null'], {
        cwd: at.cwd,
        env: { PATH: process.env.PATH, HOME: at.cwd, TERM: 'xterm', ...at.environment },
      })
      let shown = ''
      child.stdout.setEncoding('utf8').on('data', chunk => {
        shown += chunk
      })
      child.stdin.end()
      const [code] = await once(child, 'close')
      written.push(Buffer.from(shown))
      expect(code).toBe(0)
      const steps = [...shown.matchAll(/[█░]+ (\d+)% \| ([\d,]+) events/g)].map(([, part]) => part)
      expect(new Set(steps).size).toBeGreaterThan(2)
      // Windows have no lines of their own, and notes are shown before or after the bar, never within it.
      const [start = '', bar = '', end = ''] = shown.split(/\u001b7|\u001b\[2K/)
      expect(bar).not.toContain('\n')
      const [note, sum, ...rest] = lines(`${start}${end}`.replaceAll('\r', ''))
      expect(note).toBe(`${ORGANIZATION}: event "none" is left out: id is not a UUID: "none"`)
      expect(sum).toMatch(LAST)
      expect(rest).toEqual([])
    },
  )
})

describe.concurrent('iam-logs sync --watch', () => {
  test('stores new events as they are listed, and exits with 0 when it is stopped', async () => {
    await using at = await site()
    const events = history(3)
    at.scaleway.add(...events)
    const running = at.start(['--watch', '--every', '50ms'])
    await running.line(/: 3 new events, /)
    const [late] = history(1, 10 / 1440)
    const fresh = log({ created_at: formatInstant(now()) })
    at.scaleway.add(late ?? {}, fresh)
    await running.line(/: 2 new events, /)
    expect(await at.kept()).toEqual(idsOf([...events, late ?? {}, fresh]))
    const { code, stderr } = await running.stop()
    expect(code).toBe(0)
    expect(stderr).not.toContain('error')
  })

  test('continues after failures of Scaleway, and requests a refused Organization only once', async () => {
    await using at = await site()
    at.fake.organization(OTHER_ORGANIZATION).forbid('logs')
    const several = [ORGANIZATION, OTHER_ORGANIZATION].flatMap(id => ['--organization', id])
    const running = at.start([...several, '--watch', '--every', '50ms'])
    await expect.poll(() => running.stderr()).toMatch(/^error: .*IAMReadOnly/m)
    at.fake.faults = ({ list }) => (list === 'logs' ? { kind: 'retry-after', after: 3600 } : null)
    await expect.poll(() => running.stderr()).toContain('asks to wait 1 hour')
    at.fake.faults = []
    const events = history(2, 1 / 100)
    at.scaleway.add(...events)
    await running.line(/: 2 new events, /)
    expect(await at.kept()).toEqual(idsOf(events))
    const refused = at.fake.requests.filter(
      ({ list, query }) => list === 'logs' && query.get('organization_id') === OTHER_ORGANIZATION,
    )
    expect(refused).toHaveLength(1)
    expect((await running.stop()).code).toBe(0)
  })
})

test('the secret key is in no output and in no file of a database', () => {
  const secret = 'fa4e0000-0000-4000-8000-000000000001'
  expect(written.length).toBeGreaterThan(40)
  const text = new RegExp(`${secret}|${secret.replaceAll('-', '')}`, 'i')
  const binary = Buffer.from(secret.replaceAll('-', ''), 'hex')
  for (const bytes of written) {
    expect(bytes.toString('latin1')).not.toMatch(text)
    expect(bytes.includes(binary)).toBe(false)
  }
})

/** The principals that an Owner gets from a server with the database of this folder. */
async function principalsByGraph(cwd: string, environment: Readonly<Record<string, string>>) {
  const make = ['token', 'create', '--organization', ORGANIZATION, '--owner']
  const token = (await start(make, { cwd }).ended).stdout.trim()
  const serve = ['serve', '--port', '0', '--database', 'iam-logs.db']
  const server = start(serve, { cwd, environment })
  const url = /http:\/\/[^;\s]+/.exec(await server.line(/listening on/))?.[0]
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': token },
    body: JSON.stringify({
      query: '{ organizations { principals { nodes { __typename id: principalId name } } } }',
    }),
  })
  const { data } = (await answer.json()) as {
    data: { organizations: { principals: { nodes: unknown[] } }[] }
  }
  await server.stop()
  return data.organizations[0]?.principals.nodes
}
