// Settings: the credentials for Scaleway's API, and settings for authentication, hosts and proxies. Error messages contain
// no secret.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readConfig, readCredentials, secretsOf } from '../src/cli/config.ts'
import { temporaryFolder } from './support/command.ts'
import { ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'

const ACCESS_KEY = 'SCWAAAAAAAAAAAAAAAAA'
const SECRET_KEY = uuid(0x5ec3e7, 'deadbeef')
const OTHER_ACCESS_KEY = 'SCWBBBBBBBBBBBBBBBBB'
const OTHER_SECRET_KEY = uuid(0x07e4, 'beefdead')

const KEYS = { SCW_ACCESS_KEY: ACCESS_KEY, SCW_SECRET_KEY: SECRET_KEY }
const OTHER_KEYS = `access_key: ${OTHER_ACCESS_KEY}\nsecret_key: ${OTHER_SECRET_KEY}\n`

/** An environment with this text in Scaleway's config file; `null`: without the file. */
function environment(text: string | null, given: Record<string, string> = {}) {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  const path = join(folder.path, 'scw/config.yaml')
  if (text !== null) {
    mkdirSync(dirname(path))
    writeFileSync(path, text)
  }
  return { XDG_CONFIG_HOME: folder.path, ...given }
}

function read(text: string | null, given?: Record<string, string>, profileName?: string) {
  return readCredentials(profileName, environment(text, given))
}

/** The message of the error, which must not contain a secret. */
function errorOf(text: string | null, given?: Record<string, string>, name?: string): string {
  try {
    read(text, given, name)
  } catch (error) {
    const { message } = error as Error
    expect(error).toMatchObject({ name: 'UserError', code: 'BAD_USER_INPUT' })
    expect(message).not.toContain('\n')
    expect(message).not.toMatch(/deadbeef|beefdead/)
    return message
  }
  throw new Error('there was no error')
}

describe("credentials for Scaleway's API", () => {
  test('are null if neither the environment nor the config file has a key', () => {
    expect(read(null)).toBeNull()
    expect(read(null, { SCW_ACCESS_KEY: '', SCW_DEFAULT_ORGANIZATION_ID: uuid(1) })).toBeNull()
    expect(read('send_telemetry: false\nprofiles: {}\n')).toBeNull()
  })

  test('are read from the environment', () => {
    expect(read(null, KEYS)).toEqual({
      accessKey: ACCESS_KEY,
      secretKey: SECRET_KEY,
      organizationId: null,
      apiUrl: 'https://api.scaleway.com',
    })
    const given = {
      ...KEYS,
      SCW_DEFAULT_ORGANIZATION_ID: ORGANIZATION.toUpperCase(),
      SCW_API_URL: 'https://proxy.example/scaleway//',
    }
    expect(read(null, given)).toMatchObject({
      organizationId: ORGANIZATION,
      apiUrl: 'https://proxy.example/scaleway',
    })
  })

  test('are read from the top level of the config file, with or without quotes, with comments', () => {
    const text = [
      '# made by hand',
      `access_key: "${ACCESS_KEY}" # the robot's`,
      `secret_key: '${SECRET_KEY}'`,
      `default_organization_id: ${ORGANIZATION}`,
      'api_url: http://127.0.0.1:8080/',
      'default_region: fr-par',
    ]
    const expected = {
      accessKey: ACCESS_KEY,
      secretKey: SECRET_KEY,
      organizationId: ORGANIZATION,
      apiUrl: 'http://127.0.0.1:8080',
    }
    expect(read(text.join('\n'))).toEqual(expected)
    expect(read(text.join('\r\n'))).toEqual(expected)
  })

  test('in the environment take precedence over those in the file, value by value', () => {
    const text = `${OTHER_KEYS}default_organization_id: ${ORGANIZATION}\napi_url: https://a.example`
    const both = read(text, { ...KEYS, SCW_API_URL: 'https://b.example' })
    expect(both).toMatchObject({
      accessKey: ACCESS_KEY,
      secretKey: SECRET_KEY,
      organizationId: ORGANIZATION,
      apiUrl: 'https://b.example',
    })
    const one = read(text, { SCW_SECRET_KEY: SECRET_KEY })
    expect(one).toMatchObject({ accessKey: OTHER_ACCESS_KEY, secretKey: SECRET_KEY })
  })

  test('in a profile are completed from the top level; the profile is the given one, else SCW_PROFILE, else the active one', () => {
    const organizations = ['a', 'b', 'c', 'd'].map((_, index) => uuid(index, '20000000'))
    const [first, second, third, top] = organizations
    const text = [
      'active_profile: "third"  # for now',
      `access_key: ${ACCESS_KEY}`,
      `secret_key: ${SECRET_KEY}`,
      `default_organization_id: ${top}`,
      'profiles:',
      '  first:',
      `    default_organization_id: ${first}`,
      '  "second":',
      `    access_key: ${OTHER_ACCESS_KEY}`,
      `    secret_key: ${OTHER_SECRET_KEY}`,
      `    default_organization_id: ${second}`,
      '  third:',
      `    default_organization_id: ${third}`,
      `    api_url: null`,
    ].join('\n')
    const chosen = (given: Record<string, string>, name?: string) => {
      const profile = read(text, given, name)
      return [profile?.organizationId, profile?.accessKey, profile?.secretKey]
    }
    expect(chosen({ SCW_PROFILE: 'second' }, 'first')).toEqual([first, ACCESS_KEY, SECRET_KEY])
    expect(chosen({ SCW_PROFILE: 'second' })).toEqual([second, OTHER_ACCESS_KEY, OTHER_SECRET_KEY])
    expect(chosen({ SCW_PROFILE: '' })).toEqual([third, ACCESS_KEY, SECRET_KEY])
    expect(chosen({}, 'default')).toEqual([top, ACCESS_KEY, SECRET_KEY])
    expect(chosen({ SCW_DEFAULT_ORGANIZATION_ID: OTHER_ORGANIZATION })[0]).toBe(OTHER_ORGANIZATION)
    expect(errorOf(text, {}, 'fourth')).toMatch(
      /config\.yaml has no profile "fourth"; it has "default", "first", "second", "third"$/,
    )
  })

  test('are read from the file named by SCW_CONFIG_PATH; if a file or profile is named, a missing file is an error', () => {
    const named = environment(OTHER_KEYS)
    const SCW_CONFIG_PATH = join(named.XDG_CONFIG_HOME, 'scw/config.yaml')
    expect(read(null, { SCW_CONFIG_PATH })?.accessKey).toBe(OTHER_ACCESS_KEY)
    expect(errorOf(null, { SCW_CONFIG_PATH: '/nowhere/config.yaml' })).toMatch(
      /^Scaleway's config file "\/nowhere\/config\.yaml" cannot be read \(ENOENT\); name another/,
    )
    expect(errorOf(null, { SCW_PROFILE: 'prod' })).toContain('cannot be read (ENOENT)')
    expect(errorOf(null, KEYS, 'prod')).toContain('cannot be read (ENOENT)')
  })

  test('with only one of the two keys are an error that names the missing one', () => {
    expect(errorOf(null, { SCW_ACCESS_KEY: ACCESS_KEY })).toBe(
      'SCW_SECRET_KEY is missing, but SCW_ACCESS_KEY is set; set SCW_SECRET_KEY, or secret_key in the profile',
    )
    expect(errorOf(`secret_key: ${SECRET_KEY}`)).toMatch(
      /^SCW_ACCESS_KEY is missing, but secret_key in .*config\.yaml is set; set SCW_ACCESS_KEY, or access_key in the profile$/,
    )
  })

  test('with several invalid values are one error that names all, and repeats nothing that may be a secret', () => {
    const given = {
      SCW_ACCESS_KEY: 'SCWabc',
      SCW_SECRET_KEY: `${SECRET_KEY}x`,
      SCW_DEFAULT_ORGANIZATION_ID: 'northwind',
      SCW_API_URL: 'ftp://api.scaleway.com',
    }
    expect(errorOf(null, given)).toBe(
      [
        'SCW_ACCESS_KEY ("SCWabc") is not an access key; give SCW followed by 17 capital letters or digits',
        'SCW_SECRET_KEY is not a secret key; give the UUID that came with the key',
        'SCW_DEFAULT_ORGANIZATION_ID ("northwind") is not the ID of an Organization; give a UUID',
        'SCW_API_URL ("ftp://api.scaleway.com") is not an address; give one such as https://api.scaleway.com',
      ].join('; '),
    )
    const swapped = errorOf(null, { SCW_ACCESS_KEY: SECRET_KEY, SCW_SECRET_KEY: ACCESS_KEY })
    expect(swapped).toMatch(/^SCW_ACCESS_KEY is not an access key.*SCW_SECRET_KEY is not a secret/)
    errorOf(null, { ...KEYS, SCW_ACCESS_KEY: `${ACCESS_KEY}:${SECRET_KEY}` })
    errorOf(null, { ...KEYS, SCW_DEFAULT_ORGANIZATION_ID: `{${SECRET_KEY}}` })
    errorOf(null, { ...KEYS, SCW_API_URL: `https://api.example/?token=${SECRET_KEY}` })
    errorOf(null, { ...KEYS, SCW_API_URL: `https://x:deadbeef@api.example` })
    errorOf(null, { ...KEYS, SCW_API_URL: `gopher://x:deadbeef@api.example` })
  })

  test.each([
    'http://localhost:1234',
    'http://127.0.0.2',
    'http://[::1]:80',
    'https://a.example/b',
  ])('may be sent to %s', url => {
    const given = { ...KEYS, SCW_API_URL: url }
    expect(read(null, given)?.apiUrl).toBe(url.replace(/:80$/, ''))
  })

  test.each(['http://api.scaleway.com', 'http://127.0.0.1.example', 'http://10.0.0.1'])(
    'may not be sent to %s without encryption',
    url => {
      expect(errorOf(null, { ...KEYS, SCW_API_URL: url })).toBe(
        `SCW_API_URL ("${url}") would send the secret key unencrypted; give an https address`,
      )
    },
  )

  test('are read from a file with top-level keys below profiles; a key without a value counts as not set', () => {
    const below = `profiles:\n  prod:\n    api_url: https://a.example\n${OTHER_KEYS}`
    expect(read(below, {}, 'prod')?.accessKey).toBe(OTHER_ACCESS_KEY)
    expect(read(below, {}, 'prod')?.apiUrl).toBe('https://a.example')
    expect(read(`default_organization_id:\n${OTHER_KEYS}`)?.organizationId).toBeNull()
    expect(read(`${OTHER_KEYS}profiles:\n  empty:\n`, {}, 'empty')?.accessKey).toBe(
      OTHER_ACCESS_KEY,
    )
  })

  test.each([
    [`${OTHER_KEYS}profiles: [}`, ' (line 3)'],
    [`${OTHER_KEYS}${OTHER_KEYS}`, ' (line 3)'],
    [`access_key: "${OTHER_SECRET_KEY}`, ' (line 1)'],
    [`- ${OTHER_SECRET_KEY}`, ''],
    [`profiles: ${OTHER_SECRET_KEY}`, ''],
  ])('in a file that is not YAML as scw writes it are an error with its line', (text, line) => {
    expect(errorOf(text)).toContain(`is not YAML as scw writes it${line}; name another`)
  })
})

test('IAM_LOGS_SCALEWAY_PRINCIPAL_IDS lists IDs that are Scaleway, and with ! those that are not; errors name a wrong entry', () => {
  const setting = `${uuid(1)}, !${uuid(2).toUpperCase()},${uuid(3).toUpperCase()}`
  const config = readConfig({ IAM_LOGS_SCALEWAY_PRINCIPAL_IDS: setting })
  expect(config.scalewayPrincipalIds).toEqual([uuid(1), uuid(3)])
  expect(config.notScalewayPrincipalIds).toEqual([uuid(2)])
  expect(readConfig({})).toMatchObject({ scalewayPrincipalIds: [], notScalewayPrincipalIds: [] })
  for (const wrong of ['x', '!', `!!${uuid(1)}`]) {
    expect(() => readConfig({ IAM_LOGS_SCALEWAY_PRINCIPAL_IDS: wrong })).toThrow(
      `contains "${wrong}", which is not a UUID`,
    )
  }
  const both = `${uuid(1)} !${uuid(1)}`
  expect(() => readConfig({ IAM_LOGS_SCALEWAY_PRINCIPAL_IDS: both })).toThrow(
    `contains both ${uuid(1)} and !${uuid(1)}; remove one`,
  )
})

const OIDC = {
  IAM_LOGS_OIDC_ISSUER: 'https://login.example',
  IAM_LOGS_OIDC_CLIENT_ID: 'a',
  IAM_LOGS_OIDC_CLIENT_SECRET: 'b',
  IAM_LOGS_PUBLIC_URL: 'https://logs.example',
}

test.each([
  [{ IAM_LOGS_JWKS_URL: 'https://login.example/keys' }, 'IAM_LOGS_JWT_ISSUER is not set'],
  [
    { IAM_LOGS_JWKS_URL: 'http://login.example/keys', IAM_LOGS_JWT_ISSUER: 'a' },
    'is not a valid URL of a key set',
  ],
  [
    { IAM_LOGS_JWKS_URL: 'https://me:secret@login.example/keys' },
    'is not a valid URL of a key set',
  ],
  [{ IAM_LOGS_ALLOWED_HOSTS: 'logs.example, https://logs.example' }, '"https://logs.example"'],
  [{ IAM_LOGS_ALLOWED_HOSTS: 'logs.example:443' }, 'without ports'],
  [{ IAM_LOGS_CORS_ORIGINS: '*' }, '"*", which is not an origin'],
  [{ IAM_LOGS_CORS_HEADERS: 'x-a, *' }, '"*", which is not a header name'],
  [{ IAM_LOGS_CORS_HEADERS: 'x:a' }, '"x:a", which is not a header name'],
  [{ IAM_LOGS_CORS_ORIGINS: 'https://logs.example/' }, 'which is not an origin'],
  [{ IAM_LOGS_CORS_ORIGINS: 'https://Logs.example' }, 'which is not an origin'],
  [{ IAM_LOGS_RATE: '-1' }, 'is not a number of points'],
  ...['proxy.example', '10.0.0.0/33', '10.0.0/8', '::/129', '::1/', '1.2.3.4/8/8', 'fe80::1%a'].map(
    (block): [NodeJS.ProcessEnv, string] => [
      { IAM_LOGS_TRUSTED_PROXIES: `127.0.0.1, ${block}` },
      `contains "${block}", which is neither an address nor a CIDR block`,
    ],
  ),
  ...['example.com/iam', 'ftp://example.com', 'https://a@b.c/', 'https://a/?b', 'https://a/#b'].map(
    (url): [NodeJS.ProcessEnv, string] => [
      { IAM_LOGS_PUBLIC_URL: url },
      'is not a valid server URL',
    ],
  ),
  [{ IAM_LOGS_PUBLIC_URL: 'https://a//b' }, 'is not a valid server URL'],
  [{ IAM_LOGS_PUBLIC_URL: 'https://a/b%20c' }, 'is not a valid server URL'],
  [
    { IAM_LOGS_PUBLIC_URL: 'https://a/feed/x' },
    'has the path /feed/x, which the server itself uses',
  ],
  [
    { IAM_LOGS_OIDC_ISSUER: 'https://login.example' },
    'IAM_LOGS_OIDC_CLIENT_ID is not set; set all',
  ],
  [{ ...OIDC, IAM_LOGS_PUBLIC_URL: '' }, 'IAM_LOGS_PUBLIC_URL is not set; sign-in needs'],
  [
    { ...OIDC, IAM_LOGS_PUBLIC_URL: 'http://logs.example' },
    'IAM_LOGS_PUBLIC_URL ("http://logs.example") would send sessions unencrypted',
  ],
  ...[
    ...['http://login.example', 'login.example', 'https://a:b@login.example'],
    ...['https://login.example?a=b', 'https://login.example#a'],
  ].map((IAM_LOGS_OIDC_ISSUER): [NodeJS.ProcessEnv, string] => [
    { ...OIDC, IAM_LOGS_OIDC_ISSUER },
    'IAM_LOGS_OIDC_ISSUER is not the address of an identity provider; give an https:// URL',
  ]),
  ...['0m', '8', '31d', '1.5h', '-1h', '1s'].map((length): [NodeJS.ProcessEnv, string] => [
    { ...OIDC, IAM_LOGS_SESSION: length },
    `IAM_LOGS_SESSION ("${length}") is not a valid session length; give one from 1m to 30d`,
  ]),
  ...['profile', 'openidx', 'openid,profile', 'openid  email', ' openid'].map(
    (scopes): [NodeJS.ProcessEnv, string] => [
      { ...OIDC, IAM_LOGS_OIDC_SCOPES: scopes },
      'is not a list of scopes',
    ],
  ),
  [{ IAM_LOGS_SESSION: '1h' }, 'IAM_LOGS_SESSION has no effect without IAM_LOGS_OIDC_ISSUER'],
  [{ IAM_LOGS_OIDC_GROUPS_CLAIM: 'a' }, 'IAM_LOGS_OIDC_GROUPS_CLAIM has no effect without'],
  [{ IAM_LOGS_KEEP_ALIVE: '0' }, 'is not a number of seconds'],
  [{ IAM_LOGS_KEEP_ALIVE: '1m' }, 'is not a number of seconds'],
])('the settings %j are an error', (environment, message) => {
  expect(() => readConfig(environment)).toThrow(message)
})

test('settings for sign-in are read with their defaults; its groups claim also applies to JSON Web Tokens', () => {
  const { signIn, jwt } = readConfig({
    ...{ ...OIDC, IAM_LOGS_JWKS_URL: 'https://login.example/keys', IAM_LOGS_JWT_ISSUER: 'a' },
    ...{ IAM_LOGS_JWT_AUDIENCE: 'b', IAM_LOGS_OIDC_GROUPS_CLAIM: 'roles' },
  })
  expect(signIn).toEqual({
    ...{ issuer: 'https://login.example', clientId: 'a', clientSecret: 'b' },
    ...{ scopes: 'openid profile email', groupsClaim: 'roles', session: 8 * 3_600_000_000 },
  })
  expect(jwt?.groupsClaim).toBe('roles')
  const more = { IAM_LOGS_OIDC_SCOPES: 'profile openid groups', IAM_LOGS_SESSION: '30d' }
  expect(readConfig({ ...OIDC, ...more }).signIn).toMatchObject({
    ...{ scopes: 'profile openid groups', session: 30 * 86_400_000_000 },
  })
  const local = {
    IAM_LOGS_OIDC_ISSUER: 'http://localhost:9000/a',
    IAM_LOGS_PUBLIC_URL: 'http://localhost',
  }
  expect(readConfig({ ...OIDC, ...local }).signIn?.issuer).toBe('http://localhost:9000/a')
  expect(readConfig({}).signIn).toBeNull()
  expect(secretsOf(readConfig({ ...OIDC, IAM_LOGS_OIDC_CLIENT_SECRET: 'hidden' }), {})).toContain(
    'hidden',
  )
})

test('IAM_LOGS_PUBLIC_URL is normalised, and IAM_LOGS_TRUSTED_PROXIES is read as a list', () => {
  const read = (IAM_LOGS_PUBLIC_URL: string) => readConfig({ IAM_LOGS_PUBLIC_URL }).publicUrl
  expect(
    ['https://A.example', 'https://a.example/', 'http://a:80/b/', 'https://a/b/c'].map(read),
  ).toEqual(['https://a.example', 'https://a.example', 'http://a/b', 'https://a/b/c'])
  const list = ['127.0.0.1', '10.0.0.0/8', '::1', '2001:db8::/32', '0.0.0.0/0']
  expect(readConfig({ IAM_LOGS_TRUSTED_PROXIES: list.join(', ') }).trustedProxies).toEqual(list)
  expect(readConfig({})).toMatchObject({ publicUrl: null, trustedProxies: [], keepAlive: 75 })
})

describe('IAM_LOGS_JWKS_URL', () => {
  const read = (IAM_LOGS_JWKS_URL: string) =>
    readConfig({ IAM_LOGS_JWKS_URL, IAM_LOGS_JWT_ISSUER: 'a', IAM_LOGS_JWT_AUDIENCE: 'b' }).jwt

  test.each([
    'https://login.example/keys',
    'https://login.example:8443/keys?a=b',
    'HTTPS://LOGIN.EXAMPLE/keys',
    'https://127.0.0.1.evil.example/keys',
    'http://localhost/keys',
    'http://LOCALHOST:8080/keys',
    'http://127.0.0.1:8080/keys',
    'http://[::1]:8080/keys',
    'http://[0:0:0:0:0:0:0:1]/keys',
  ])('may be %s', url => {
    expect(read(url)).toMatchObject({ jwksUrl: url, issuer: 'a', audience: 'b' })
  })

  test.each([
    'http://login.example/keys',
    'http://localhost.evil.example/keys',
    'http://localhost.evil/keys',
    'http://notlocalhost/keys',
    'http://127.0.0.1.evil/keys',
    'http://127.0.0.1.evil.example/keys',
    'http://1127.0.0.1.example/keys',
    'http://evil.example/127.0.0.1',
    'http://evil.example/?localhost',
    'http://evil.example#localhost',
    'http://10.0.0.1/keys',
    'http://0.0.0.0/keys',
    'http://128.0.0.1/keys',
    'http://[::]/keys',
    'http://[::2]/keys',
    'http://[2001:db8::1]/keys',
    'http://[::1].evil.example/keys',
    'http://localhost@evil.example/keys',
    'http://127.0.0.1:80@evil.example/keys',
    'https://me@login.example/keys',
    'https://me:hunter2@login.example/keys',
    'https://:hunter2@login.example/keys',
    'ftp://localhost/keys',
    'file:///etc/keys',
    'login.example/keys',
    'localhost',
    '//localhost/keys',
  ])('may not be %s, which the error does not repeat', url => {
    expect(() => read(url)).toThrow(
      /^IAM_LOGS_JWKS_URL is not a valid URL of a key set; give an https:\/\/ URL$/,
    )
  })
})
