// iam-logs sync as a process of its own, against a fake Scaleway: what it says, how it ends, and what is in the
// database then. Nothing of it may hold the secret key: see the last test. `npm run test:long` kills it more often.

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

// Some forty processes share the machine with whatever else runs on it.
const KILLS = LONG ? 60 : 4

const ONE_ERROR = /^error: [^\n]+\n$/
const LAST = /^(\S+): ([\d,]+) new events?, ([\d,]+) already here; directory: .*; took [\d.]+ s\n?$/

/** All that processes wrote here, to their outputs and into databases. */
const written: Buffer[] = []

/** A folder with nothing in it, and a Scaleway with one Organization. */
interface Site extends AsyncDisposable {
  readonly cwd: string
  readonly fake: FakeScaleway
  readonly scaleway: FakeOrganization
  readonly environment: Readonly<Record<string, string>>
  /** Runs to its end, with credentials unless another environment is given. */
  run(args?: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>
  start(args?: readonly string[], environment?: Readonly<Record<string, string>>): Running
  /** What an owner of both Organizations reads in the database. */
  read<T>(ask: (log: LogReader) => Promise<T>): Promise<T>
  /** IDs of events, as often as they are there. */
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
  const begin: Site['start'] = (args = [], given = environment) => {
    const running = start(['sync', ...args], { cwd, environment: given })
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
    run: (args, given) => begin(args, given).ended,
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

/** Events at even distances from some days ago up to now. */
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

describe.concurrent('once', () => {
  test('all there is comes in, window by window, and a second run finds nothing new', async () => {
    await using at = await site()
    const events = history(1200)
    at.scaleway.add(...events)
    at.scaleway.users = [user({ first_name: 'Grace', last_name: 'Hopper' }), user()]
    const { code, stdout, stderr } = await at.run()
    expect(code).toBe(0)
    expect(stdout).toMatch(LAST)
    expect(stdout).toMatch(/: 1,200 new events, .*; directory: 2 new or changed, 0 removed; /)
    const told = lines(stderr).map(line =>
      /^(\S+): (?:the beginning|\S+Z) to (?:now|\S+Z): ([\d,]+) events?, ([\d,]+) new$/.exec(line),
    )
    expect(told.length).toBeGreaterThan(1)
    expect(told.every(parts => parts?.[1] === ORGANIZATION)).toBe(true)
    expect(told.reduce((sum, parts) => sum + Number(parts?.[3]?.replace(',', '')), 0)).toBe(1200)
    expect(await at.kept()).toEqual(idsOf(events))

    const late = history(1, 50)
    at.scaleway.add(...late)
    const again = await at.run()
    expect([again.code, lines(again.stdout).length]).toEqual([0, 1])
    expect(again.stdout).toMatch(
      /: 1 new event, \d+ already here; directory: 0 new or changed, 0 r/,
    )
    expect(await at.kept()).toEqual(idsOf([...events, ...late]))
    expect(await at.read(log => Promise.resolve(log.countPrincipals(ORGANIZATION, 'hopper')))).toBe(
      1,
    )
  })

  test('tells it by lines of JSON where these are asked for', async () => {
    await using at = await site()
    at.scaleway.add(...history(20))
    const { code, stdout, stderr } = await at.run(['--log-format', 'json'])
    expect([code, stdout]).toEqual([0, ''])
    const told = lines(stderr).map(line => JSON.parse(line))
    expect(told.at(-1)).toMatchObject({
      level: 'info',
      msg: expect.stringMatching(`^${ORGANIZATION}: 20 new events, `),
    })
  })

  test('what is missing or wrong is told in one line that says what to do', async () => {
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
    const ends = wrong.map(async ([args, environment, expected, complaint]) => {
      const { code, stdout, stderr } = await at.run(args, environment)
      expect([code, stdout]).toEqual([expected, ''])
      expect(stderr).toMatch(ONE_ERROR)
      expect(stderr).toMatch(complaint)
    })
    await Promise.all(ends)
  })

  test('where the log is forbidden the directory is read all the same, and one line says what it takes', async () => {
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

  test('what else is forbidden is told, left as it was, and no failure', async () => {
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

  test('a Scaleway that is not there yet is waited for', async () => {
    await using at = await site()
    const port = await freePort()
    const SCW_API_URL = `http://127.0.0.1:${port}`
    const running = at.start([], { ...at.environment, SCW_API_URL })
    await expect.poll(() => running.stderr()).toMatch(/ECONNREFUSED.*; try 2 of 8 in /)
    const back = await startFakeScaleway({ port })
    const events = history(3)
    back.organization(ORGANIZATION).add(...events)
    const { code, stdout } = await running.ended
    await back.close()
    expect(code).toBe(0)
    expect(stdout).toMatch(LAST)
    expect(await at.kept()).toEqual(idsOf(events))
  })

  test('answers that fail are asked for again, and each is told in a line', async () => {
    await using at = await site()
    const events = history(600)
    at.scaleway.add(...events)
    const faults = [
      { kind: 'status', status: 500, body: 'html' },
      { kind: 'retry-after', after: 0 },
      { kind: 'too-many-requests', resetSeconds: 0 },
      { kind: 'reset-midway' },
    ] as const
    // Each on another page, so that no wait is a long one.
    at.fake.faults = faults.flatMap(fault => [null, fault])
    const { code, stdout, stderr } = await at.run()
    expect(code).toBe(0)
    expect(stdout).toMatch(LAST)
    expect(stderr.match(/; try 2 of 8 in /g)).toHaveLength(4)
    expect(await at.kept()).toEqual(idsOf(events))
  })

  test('profiles of the config file fill one database, each with its own Organization', async () => {
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

  test('of several Organizations, one that is refused keeps no other from coming in', async () => {
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

  test(`killed ${KILLS} times, it has lost nothing and doubled nothing in the end`, async () => {
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
      // Few enough that it is before the end, and in most runs after the log is begun.
      const last = 1 + Math.floor(Math.random() * 14)
      let asked = 0
      at.fake.faults = ({ list }) => {
        if (asked > 0 || list === 'logs' || run % 3 === 0) asked++
        // Between two requests it decodes or writes: any moment of that will do.
        if (asked === last) setTimeout(() => running.kill(), Math.random() * 20)
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

  test('of more faults than anyone reads it tells a hundred', async () => {
    await using at = await site()
    at.scaleway.add(...history(150).map(one => ({ ...one, organization_id: OTHER_ORGANIZATION })))
    const { code, stderr } = await at.run()
    expect(code).toBe(0)
    expect(stderr.match(/is left out: it belongs to another/g)).toHaveLength(100)
    expect(stderr).toContain('the first 100 of 150 notes are shown above')
  })

  test('told to stop, it ends with 1 and keeps what it has read', async () => {
    await using at = await site()
    const events = history(2500)
    at.scaleway.add(...events)
    let asked = 0
    at.fake.faults = ({ list }) => (list === 'logs' && ++asked > 15 ? { kind: 'silent' } : null)
    const running = at.start()
    await expect.poll(() => asked).toBeGreaterThan(15)
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

  test('who made the default groups is told, and a setting overrules it, here and in the graph', async () => {
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
    'on a terminal it shows a bar, and sums up at the end',
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
      // No window has a line of its own, and what is to be noted waits for the end of the bar.
      const [bar = '', end = ''] = shown.split('\u001b[2K')
      expect(bar).not.toContain('\n')
      const [note, sum, ...rest] = lines(end.replaceAll('\r', ''))
      expect(note).toBe(`${ORGANIZATION}: event "none" is left out: id is not a UUID: "none"`)
      expect(sum).toMatch(LAST)
      expect(rest).toEqual([])
    },
  )
})

describe.concurrent('for ever', () => {
  test('what happens meanwhile comes in, and it ends with 0 when told to stop', async () => {
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

  test('it goes on where it was when Scaleway fails, and without an Organization that is refused', async () => {
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

test('the secret key is in nothing that was said, and in no file of a database', () => {
  const secret = 'fa4e0000-0000-4000-8000-000000000001'
  expect(written.length).toBeGreaterThan(40)
  const text = new RegExp(`${secret}|${secret.replaceAll('-', '')}`, 'i')
  const binary = Buffer.from(secret.replaceAll('-', ''), 'hex')
  for (const bytes of written) {
    expect(bytes.toString('latin1')).not.toMatch(text)
    expect(bytes.includes(binary)).toBe(false)
  }
})

/** Who acted, to an owner who asks a server over the database that is started for it. */
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
