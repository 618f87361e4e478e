// The credentials for Scaleway's API, found in the same places as by Scaleway's own command line: each value from the
// environment, otherwise from the profile of its config file, otherwise from that file's top level. Messages never
// repeat a secret key, nor a value that could be one in the wrong place.

import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { loadAllProfilesFromConfigurationFile } from '@scaleway/configuration-loader'
import { InputError, quoted } from '../errors.ts'
import { isUuid } from '../id.ts'
import type { ScalewayProfile } from '../scaleway/client.ts'
import { isLoopback } from './identity-config.ts'

export interface Credentials {
  readonly profile: ScalewayProfile
  /** `environment` if both keys are from there. */
  readonly source: 'environment' | 'file'
}

const DEFAULT_API_URL = 'https://api.scaleway.com'

type Key = 'accessKey' | 'secretKey' | 'defaultOrganizationId' | 'apiURL'

/** The names in the environment and in the file. */
const NAMES: Readonly<Record<Key, readonly [setting: string, key: string]>> = {
  accessKey: ['SCW_ACCESS_KEY', 'access_key'],
  secretKey: ['SCW_SECRET_KEY', 'secret_key'],
  defaultOrganizationId: ['SCW_DEFAULT_ORGANIZATION_ID', 'default_organization_id'],
  apiURL: ['SCW_API_URL', 'api_url'],
}

interface Found {
  readonly text: string
  /** For messages: a variable, or a key of a file. */
  readonly place: string
  readonly source: Credentials['source']
}

/**
 * `null` if there is neither an access key nor a secret key. Refuses invalid values with all errors in one line. An
 * empty variable counts as not set.
 */
export function readScaleway(
  environment: NodeJS.ProcessEnv,
  profileName: string | undefined,
): Credentials | null {
  const file = readProfile(environment, profileName)
  const find = (key: Key): Found | null => {
    const [setting, name] = NAMES[key]
    const variable = environment[setting]
    if (variable) return { text: variable, place: setting, source: 'environment' }
    const value = file?.values[key]
    return value ? { text: value, place: `${name} in ${file.place}`, source: 'file' } : null
  }
  const access = find('accessKey')
  const secret = find('secretKey')
  if (access === null && secret === null) return null
  const organization = find('defaultOrganizationId')
  const url = find('apiURL')
  const complaints = [
    access === null ? missing('accessKey', secret) : problemOfAccessKey(access),
    secret === null ? missing('secretKey', access) : problemOfSecretKey(secret),
    organization && problemOfOrganization(organization, secret),
    url && problemOfUrl(url, secret),
  ].filter(complaint => complaint !== null)
  if (access === null || secret === null || complaints.length > 0) {
    throw new InputError(complaints.join('; '))
  }
  const both = access.source === 'environment' && secret.source === 'environment'
  return {
    profile: {
      accessKey: access.text,
      secretKey: secret.text,
      organizationId: organization?.text.toLowerCase() ?? null,
      apiUrl: withoutSlash(url?.text ?? DEFAULT_API_URL),
    },
    source: both ? 'environment' : 'file',
  }
}

function missing(key: Key, given: Found | null): string {
  const [setting, name] = NAMES[key]
  return `${setting} is missing, but ${given?.place} is set; set ${setting}, or ${name} in the profile`
}

function problemOfAccessKey({ text, place }: Found): string | null {
  if (/^SCW[A-Z0-9]{17}$/.test(text)) return null
  const shown = /^SCW[A-Z0-9]*$/i.test(text) ? ` (${quoted(text)})` : ''
  return `${place}${shown} is not an access key; give SCW followed by 17 capital letters or digits`
}

function problemOfSecretKey({ text, place }: Found): string | null {
  return isUuid(text) ? null : `${place} is not a secret key; give the UUID that came with the key`
}

function problemOfOrganization(found: Found, secret: Found | null): string | null {
  if (isUuid(found.text)) return null
  return `${found.place}${shown(found, secret)} is not the ID of an Organization; give a UUID`
}

function problemOfUrl(found: Found, secret: Found | null): string | null {
  const { text, place } = found
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return `${place}${shown(found, secret)} is not an address; give one such as ${DEFAULT_API_URL}`
  }
  if (url.username + url.password + url.search + url.hash !== '' || /[?#]/.test(text)) {
    return `${place} has more than a host and a path; give one such as ${DEFAULT_API_URL}`
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return `${place}${shown(found, secret)} would send the secret key unencrypted; give an https address`
  }
  return null
}

/** The value for a message; empty if it may contain a secret. */
function shown({ text }: Found, secret: Found | null): string {
  const mayBeSecret = text.includes('@') || (secret !== null && text.includes(secret.text))
  return mayBeSecret ? '' : ` (${quoted(text)})`
}

function withoutSlash(url: string): string {
  return new URL(url).href.replace(/\/+$/, '')
}

type Values = Partial<Readonly<Record<Key, string>>>

interface Profile {
  readonly values: Values
  readonly place: string
}

/** The profile of the config file merged over the top level; `null` if there is no file and none was named. */
function readProfile(
  environment: NodeJS.ProcessEnv,
  profileName: string | undefined,
): Profile | null {
  const folder = environment.XDG_CONFIG_HOME || join(homedir(), '.config')
  const path = environment.SCW_CONFIG_PATH || join(folder, 'scw', 'config.yaml')
  const named = profileName ?? (environment.SCW_PROFILE || undefined)
  if (!existsSync(path) && named === undefined && !environment.SCW_CONFIG_PATH) return null
  const text = readText(path)
  const name = named ?? activeProfile(text) ?? 'default'
  const place = name === 'default' ? path : `profile ${quoted(name)} of ${path}`
  // TypeScript does not find the package's own types with this module resolution.
  const loaded: Readonly<Record<string, Values>> = loadAllProfilesFromConfigurationFile({
    filepath: path,
  })
  const profiles = new Map(Object.entries(loaded).map(([name, own]) => [unquoted(name), own]))
  const top: Values = profiles.get('default') ?? {}
  const own = name === 'default' ? top : profiles.get(name)
  if (own === undefined) {
    const names = [...new Set(['default', ...profiles.keys()])]
    throw new InputError(
      `${path} has no profile ${quoted(name)}; it has ${names.map(quoted).join(', ')}`,
    )
  }
  const keys = Object.keys(NAMES) as Key[]
  const values = keys.flatMap(key => {
    const value = unquoted(own[key] ?? '') || unquoted(top[key] ?? '')
    return value === '' ? [] : [[key, value]]
  })
  return { values: Object.fromEntries(values), place }
}

function readText(path: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
    throw new InputError(
      `Scaleway's config file ${quoted(path)} cannot be read${code}; name another with SCW_CONFIG_PATH, or set SCW_ACCESS_KEY and SCW_SECRET_KEY`,
    )
  }
  const misread = MISREAD.find(({ pattern }) => pattern.test(text))
  if (misread !== undefined) throw new InputError(`${path} ${misread.problem}`)
  return text
}

/** Valid YAML that the loader assigns to a wrong profile, or for which it ends a profile too early. */
const MISREAD = [
  {
    pattern:
      /^[ \t]*(access_key|secret_key|api_url|insecure|send_telemetry|active_profile|default_\w+)[ \t]*:[ \t]*([#;].*)?$/m,
    problem: 'has a key without a value; remove its line',
  },
  {
    pattern: /^profiles[ \t]*:[\s\S]*^(access_key|secret_key|api_url|default_\w+)[ \t]*:/m,
    problem: 'has top-level keys below profiles; move them above it',
  },
]

/** The loader ignores this key. */
function activeProfile(text: string): string | undefined {
  const line = /^active_profile[ \t]*:[ \t]*(\S.*?)[ \t\r]*(?:[ \t]#.*)?$/m.exec(text)
  return unquoted(line?.[1] ?? '') || undefined
}

/** The loader keeps quotes, and reads `null` and `~` as text. */
function unquoted(text: string): string {
  const inner = /^(["'])(.*)\1$/.exec(text)?.[2]
  return inner ?? (text === 'null' || text === '~' ? '' : text)
}
