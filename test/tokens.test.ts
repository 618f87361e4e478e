// Access tokens: the commands that create, list and revoke them, their expiry, how they are stored, and how they are sent
// with requests.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { newToken } from '../src/auth/tokens.ts'
import { timeSpan } from '../src/cli/command.ts'
import { formatInstant, type Instant, now } from '../src/instant.ts'
import type { Awaitable } from '../src/log-reader.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import type { AuditStore } from '../src/store.ts'
import type { AccessToken } from '../src/viewer.ts'
import { openApp, type TestApp } from './support/app.ts'
import { type Ended, emptyDatabase, run, temporaryFolder } from './support/command.ts'
import { at, event, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { user } from './support/people.ts'
import { policy } from './support/sync-contract.ts'

const SECOND = 1_000_000
const DAY = 86_400 * SECOND

const AUDIT = { IAM_LOGS_AUDIT: 'audit.ndjson' }
const create = async (cwd: string, args: readonly string[], more: Record<string, string> = {}) => {
  await emptyDatabase(cwd)
  return run(['token', 'create', '--organization', ORGANIZATION, ...args], {
    cwd,
    environment: { ...AUDIT, ...more },
  })
}

// biome-ignore lint/suspicious/noExplicitAny: records are as various as what is done
const recordsIn = (cwd: string): any[] =>
  readFileSync(join(cwd, 'audit.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

async function inStore<T>(cwd: string, work: (store: AuditStore) => Awaitable<T>): Promise<T> {
  const store = await openStore(join(cwd, 'iam-logs.db'), { scalewayIds: scalewayIds() })
  const found = await work(store)
  await store.close()
  return found
}

const kept = (cwd: string) => inStore(cwd, store => store.tokens.list())

function ask(app: TestApp, headers: Record<string, string>): Promise<Response> {
  return app.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{"query":"{ viewer { id name } }"}',
  })
}

describe.concurrent('a token made with --expires', () => {
  test.each([
    ['1ms', 1000],
    ['90s', 90 * SECOND],
    ['12h', DAY / 2],
    ['90d', 90 * DAY],
    ['2 weeks', 14 * DAY],
    ['1y', 365.25 * DAY],
  ])('%s is valid for exactly that long, to the microsecond', async (text, span) => {
    using folder = temporaryFolder()
    const cwd = folder.path
    const before = now()
    const made = await create(cwd, ['--owner', '--expires', text])
    const after = now()
    expect(made.code).toBe(0)
    const [token] = (await kept(cwd)) as [AccessToken]
    const { createdAt, id } = token
    expect(createdAt).toBeGreaterThanOrEqual(before)
    expect(createdAt).toBeLessThanOrEqual(after)
    const expiresAt = createdAt + span
    expect(token.expiresAt).toBe(expiresAt)
    expect(recordsIn(cwd)).toMatchObject([{ tokenId: id, expiresAt: formatInstant(expiresAt) }])

    let clock = createdAt
    const app = await openApp({ file: join(cwd, 'iam-logs.db'), clock: () => clock })
    const statuses: number[] = []
    for (const instant of [createdAt, expiresAt - 1, expiresAt, expiresAt + DAY]) {
      clock = instant
      statuses.push((await ask(app, { 'x-auth-token': made.stdout.trim() })).status)
    }
    await app.store.close()
    expect(statuses).toEqual([200, 200, 401, 401])
  })

  test('may be of a principal or of a subject; without --expires it never expires', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    const jwt = jwtOf('https://login.example/')
    await create(cwd, ['--owner', '--name', 'for ever'])
    await create(cwd, ['--principal', uuid(1), '--expires', '1h', '--name', 'principal'])
    await create(cwd, ['--owner', '--subject', 'alice', '--expires', '1h'], jwt)
    const tokens = await kept(cwd)
    const owner = { organizationId: ORGANIZATION, owner: true, permissionSets: [] }
    expect(tokens.map(({ grants }) => grants)).toEqual([
      [owner],
      [{ organizationId: ORGANIZATION, principalId: uuid(1) }],
      [owner],
    ])
    const spans = tokens.map(({ name, createdAt, expiresAt }) => [
      name,
      expiresAt === null ? null : expiresAt - createdAt,
    ])
    expect(spans).toEqual([
      ['for ever', null],
      ['principal', 3600 * SECOND],
      ['alice', 3600 * SECOND],
    ])
    expect(recordsIn(cwd).map(({ expiresAt }) => expiresAt === null)).toEqual([true, false, false])
  })

  test.each([
    '0d',
    '0',
    '-1d',
    '1.5h',
    '90',
    'd',
    '',
    ' 1d',
    '1d1h',
    '1e3d',
    '999y',
    'Infinity',
    '1 moon',
  ])('is refused for the invalid duration "%s"', text =>
    expect(() => timeSpan(text)).toThrow('Give a duration such as 12h, 90d or 1y'),
  )
})

function jwtOf(issuer: string) {
  return {
    IAM_LOGS_JWKS_URL: 'https://login.example/keys',
    IAM_LOGS_JWT_ISSUER: issuer,
    IAM_LOGS_JWT_AUDIENCE: 'logs',
  }
}

/** SHA-256 digests. They are stored in databases, so a change would make all tokens invalid after an upgrade. */
const DIGESTS = {
  secret: '52a670db3c3d253459321d9ddf9a1322f0882dd15fd73b3bd9f397a68e837258',
  alice: '0943bff0893913fcb33320954228f1f2563df4f0e8c5438dedbd43ce88b4048e',
  elsewhere: 'c26a995b5f28748faa9979867430842dd9d789ed01849d224dd59dcf08f8eb7b',
  /** Of `/alice@…` by an issuer without the slash: the digest depends on where the issuer ends. */
  apart: '732ef40b811252863fd7d536481c164c5d4b8a0a0f9cbf13faf95a0cf5557f47',
}

describe.concurrent('the digest that is stored', () => {
  test('for a secret does not change between versions', () => {
    const settings = { name: null, grants: [], expiresAt: null }
    const { hash } = newToken(settings, 0, `ilg_${'A'.repeat(43)}`)
    expect(Buffer.from(hash).toString('hex')).toBe(DIGESTS.secret)
  })

  test('for the subject of a JSON Web Token depends on its issuer, and does not change between versions', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    const subjects = [
      ['https://login.example/', 'alice@example.com'],
      ['https://other.example/', 'alice@example.com'],
      ['https://login.example', '/alice@example.com'],
    ] as const
    const options = [['--owner'], ['--owner', '--name', 'Alice'], ['--owner', '--name', 'Apart']]
    const ended: Ended[] = []
    for (const [number, [issuer, subject]] of subjects.entries()) {
      const args = [...(options[number] ?? []), '--subject', subject]
      ended.push(await create(cwd, args, jwtOf(issuer)))
    }
    const found = await inStore(cwd, async ({ tokens }) => {
      const hashes = [DIGESTS.alice, DIGESTS.elsewhere, DIGESTS.apart, DIGESTS.secret]
      const all = hashes.map(hash => tokens.find(Buffer.from(hash, 'hex')))
      return (await Promise.all(all)).map(one => one?.viewer)
    })
    const ids = found.map(viewer => viewer?.id ?? '')
    expect(found.map(viewer => viewer?.name)).toEqual([
      'alice@example.com',
      'Alice',
      'Apart',
      undefined,
    ])
    expect(ended).toEqual(
      subjects.map(([, subject], number) => ({
        code: 0,
        stdout: `token ${ids[number]}: rights of the subject "${subject}"\n`,
        stderr: `note: Organization ${ORGANIZATION} is not in ./iam-logs.db yet\n`,
      })),
    )
    expect(
      recordsIn(cwd).map(({ tokenId, tokenName, subject }) => [tokenId, tokenName, subject]),
    ).toEqual([
      [ids[0], 'alice@example.com', 'alice@example.com'],
      [ids[1], 'Alice', 'alice@example.com'],
      [ids[2], 'Apart', '/alice@example.com'],
    ])
  })
})

describe.concurrent('the command iam-logs token', () => {
  const CREATED = at('2026-01-02T03:04:59.999999Z')
  const token = (number: number, more: Partial<AccessToken>): AccessToken => ({
    id: uuid(number),
    name: null,
    createdAt: CREATED,
    expiresAt: null,
    grants: [{ organizationId: ORGANIZATION, owner: true, permissionSets: [] }],
    ...more,
  })
  const TOKENS = [
    token(1, { name: 'a\nb\u202e', expiresAt: at('2026-02-03T04:05:06Z') }),
    token(2, { expiresAt: at('2200-01-01T00:00:00Z') }),
    token(3, {
      name: 'collector',
      createdAt: CREATED + DAY,
      grants: [
        { organizationId: ORGANIZATION, owner: false, permissionSets: ['IAMReadOnly', 'Other'] },
        { organizationId: OTHER_ORGANIZATION, principalId: uuid(9) },
      ],
    }),
  ]

  async function fill(cwd: string): Promise<void> {
    await inStore(cwd, async ({ tokens }) => {
      for (const [number, token] of TOKENS.toReversed().entries()) {
        await tokens.create(token, new Uint8Array(32).fill(number))
      }
    })
  }

  test('list shows each token in a line, the oldest first, with its rights and its expiry', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    await fill(cwd)
    const { code, stdout, stderr } = await run(['token', 'list'], { cwd })
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.split('\n').map(line => line.split(/ {2,}/))).toEqual([
      ['ID', 'NAME', 'CREATED', 'EXPIRES', 'SEES'],
      [
        uuid(1),
        'a b?',
        '2026-01-02T03:04Z',
        '2026-02-03T04:05Z (expired)',
        `${ORGANIZATION}: owner`,
      ],
      [uuid(2), '-', '2026-01-02T03:04Z', '2200-01-01T00:00Z', `${ORGANIZATION}: owner`],
      [
        ...[uuid(3), 'collector', '2026-01-03T03:04Z', 'never'],
        `${ORGANIZATION}: IAMReadOnly Other, ${OTHER_ORGANIZATION}: as ${uuid(9)}`,
      ],
      [''],
    ])
  })

  test('revoke ends one token, records its rights in the audit trail, and refuses unknown IDs', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    await fill(cwd)
    const revoke = (id: string) => run(['token', 'revoke', id], { cwd, environment: AUDIT })
    expect(await revoke(uuid(3))).toEqual({
      code: 0,
      stdout: `token ${uuid(3)} is revoked\n`,
      stderr: '',
    })
    for (const id of [uuid(3), uuid(404), uuid(1).slice(0, -1), 'collector', '']) {
      expect(await revoke(id)).toEqual({
        code: 1,
        stdout: '',
        stderr: `error: token "${id}" not found in ./iam-logs.db; see: iam-logs token list\n`,
      })
    }
    expect(await kept(cwd)).toEqual(TOKENS.slice(0, 2))
    expect(recordsIn(cwd)).toEqual([
      {
        ...{ time: expect.any(String), pid: expect.any(Number), audit: true },
        ...{ event: 'token_revoked', user: expect.any(String), command: 'token revoke' },
        ...{ tokenId: uuid(3), tokenName: 'collector', expiresAt: null },
        grants: [`${ORGANIZATION}: IAMReadOnly Other`, `${OTHER_ORGANIZATION}: as ${uuid(9)}`],
      },
    ])
  })

  test('create prints only the secret to stdout, and notes to stderr', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    const args = ['--organization', OTHER_ORGANIZATION.toUpperCase(), '--permission-set']
    const made = await create(cwd, [...args, 'IAMReadOnly', 'AuditTrailReadOnly', '--name', 'ci'])
    const [token, ...others] = await kept(cwd)
    expect(others).toEqual([])
    const permissionSets = ['IAMReadOnly', 'AuditTrailReadOnly']
    expect(token).toEqual({
      ...{ id: token?.id, name: 'ci', createdAt: token?.createdAt, expiresAt: null },
      grants: [ORGANIZATION, OTHER_ORGANIZATION].map(organizationId => ({
        ...{ organizationId, owner: false, permissionSets },
      })),
    })
    const notes = [ORGANIZATION, OTHER_ORGANIZATION].map(
      id => `note: Organization ${id} is not in ./iam-logs.db yet\n`,
    )
    expect(made).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^ilg_[\w-]{43}\n$/),
      stderr: `${notes.join('')}token ${token?.id} for http://127.0.0.1:4000/; keep its secret, it is shown only now:\n`,
    })
  })
})

test.concurrent.each([
  [
    ['AuditTrailReadonly'],
    [
      'AuditTrailReadonly shows nothing here; the most similar permission set that does is AuditTrailReadOnly',
    ],
  ],
  [
    ['IAMReadOnly', 'iamUsersReadOnly', 'ObjectStorageReadOnly'],
    [
      'iamUsersReadOnly shows nothing here; the most similar permission set that does is IAMUserReadOnly',
      'ObjectStorageReadOnly shows nothing here; the most similar permission set that does is',
    ],
  ],
  [
    ['IAMGroupReadOnly'],
    ['IAMGroupReadOnly: show no events; add one that does, such as AuditTrailReadOnly'],
  ],
])('token create notes which of the permission sets %j show nothing', async (sets, notes) => {
  using folder = temporaryFolder()
  const { code, stderr } = await create(folder.path, ['--permission-set', ...sets])
  expect(code).toBe(0)
  const shown = stderr.split('\n').filter(line => /show/.test(line) && !/secret/.test(line))
  expect(shown).toEqual(notes.map(note => expect.stringContaining(`note: ${note}`)))
})

test('token list says which database has no token', async () => {
  using folder = temporaryFolder()
  await emptyDatabase(folder.path)
  const { stderr } = await run(['token', 'list'], { cwd: folder.path })
  expect(stderr).toBe('no tokens found in ./iam-logs.db\n')
})

test('token create notes that a principal may not see events, or does not exist', async () => {
  using folder = temporaryFolder()
  const cwd = folder.path
  await inStore(cwd, async store => {
    await store.append([event()])
    const list = { organizationId: ORGANIZATION, complete: true }
    const entries = [user({ id: uuid(1) }), user({ id: uuid(2) })]
    await store.updateDirectory({ ...list, kind: 'user', entries })
    const holder = { kind: 'user', id: uuid(2) } as const
    const grants = [policy({ holder, permissionSets: ['AuditTrailReadOnly'] })]
    await store.updateDirectory({ ...list, kind: 'policy', entries: grants })
  })
  const noteFor = async (id: string) => {
    const { stderr, stdout } = await create(cwd, ['--principal', id])
    expect(stdout).toMatch(/^ilg_[\w-]{43}\n$/)
    return stderr.split('\n')[0]
  }
  const where = `Organization ${ORGANIZATION} as of now`
  expect(await noteFor(uuid(1))).toBe(`note: ${uuid(1)} may not see the events of ${where}`)
  expect(await noteFor(uuid(2))).toMatch(/^token [0-9a-f-]{36} for \S+; keep its secret, /)
  expect(await noteFor(uuid(404))).toBe(
    `note: ${uuid(404)} is not a user or application of ${where}`,
  )
})

describe('a token in a request', () => {
  let app: TestApp
  let token: string
  beforeEach(async () => {
    app = await openApp()
    token = await app.token()
    return () => app.store.close()
  })

  test.each([
    ['after Bearer and several spaces is accepted', 'authorization', 'Bearer   TOKEN', 200],
    [
      'after Bearer in another case with spaces around is accepted',
      'authorization',
      '  bEARER TOKEN \t',
      200,
    ],
    ['in X-Auth-Token with spaces around is accepted', 'x-auth-token', '  TOKEN  ', 200],
    ['after Bearer and a tab is refused', 'authorization', 'Bearer\tTOKEN', 401],
    ['after Bearer without a space is refused', 'authorization', 'BearerTOKEN', 401],
    ['after another scheme is refused', 'authorization', 'Token TOKEN', 401],
    ['after a scheme that ends with Bearer is refused', 'authorization', 'XBearer TOKEN', 401],
    ['in Authorization without a scheme is refused', 'authorization', 'TOKEN', 401],
    ['sent twice in Authorization is refused', 'authorization', 'Bearer TOKEN, Bearer TOKEN', 401],
    ['after a scheme in X-Auth-Token is refused', 'x-auth-token', 'Bearer TOKEN', 401],
    ['sent twice in X-Auth-Token is refused', 'x-auth-token', 'TOKEN, TOKEN', 401],
    ['in another header is refused', 'x-access-token', 'TOKEN', 401],
    ['in a cookie is refused', 'cookie', 'x-auth-token=TOKEN', 401],
  ])('%s', async (_, header, value, status) => {
    expect((await ask(app, { [header]: value.replaceAll('TOKEN', token) })).status).toBe(status)
  })

  test.each([
    ['two valid tokens', 'TOKEN', 'Bearer TOKEN'],
    ['an empty X-Auth-Token', '', 'Bearer TOKEN'],
    ['an empty Authorization', 'TOKEN', ''],
    ['a user with a password', 'TOKEN', 'Basic bWU6bWU='],
    ['two wrong tokens', 'ilg_a', 'Bearer ilg_b'],
  ])(
    'with both headers is refused by the graph, exports and the feed: %s',
    async (_, own, authorization) => {
      const headers = {
        'x-auth-token': own.replace('TOKEN', token),
        authorization: authorization.replace('TOKEN', token),
      }
      const answers = [
        await ask(app, headers),
        await app.fetch(`/export/${ORGANIZATION}.csv`, { headers }),
        await app.fetch(`/feed/${ORGANIZATION}`, { headers }),
      ]
      for (const answer of answers) {
        expect(answer.status).toBe(400)
        expect(await answer.json()).toEqual({
          errors: [
            {
              message: 'both X-Auth-Token and Authorization were sent; send one of them',
              extensions: { code: 'BAD_USER_INPUT' },
            },
          ],
        })
      }
    },
  )

  test('is the viewer with its ID and name, and with no part of its secret', async () => {
    const secret = await app.token(['IAMReadOnly'])
    const kept = (await app.store.tokens.list()).find(({ name }) => name === 'IAMReadOnly')
    const answer = await ask(app, { 'x-auth-token': secret })
    expect(await answer.json()).toEqual({
      data: { viewer: { id: kept?.id, name: 'IAMReadOnly' } },
    })
  })

  test('is valid for the feed until the microsecond of its expiry', async () => {
    let clock: Instant = 1000 * SECOND
    await app.store.close()
    app = await openApp({ clock: () => clock })
    const grants = [{ organizationId: ORGANIZATION, owner: true, permissionSets: [] }]
    const made = newToken({ name: null, grants, expiresAt: clock + 1 }, clock)
    await app.store.tokens.create(made.token, made.hash)
    await app.store.append([event()])
    const headers = { 'x-auth-token': made.secret }
    expect((await app.fetch(`/feed/${ORGANIZATION}`, { headers })).status).toBe(200)
    clock++
    expect((await app.fetch(`/feed/${ORGANIZATION}`, { headers })).status).toBe(401)
  })
})
