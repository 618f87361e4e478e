// The credentials for Scaleway's API, found in the same places as by Scaleway's own command line: each value from the
// environment, otherwise from the profile of its config file, otherwise from that file's top level. Messages never
// repeat a secret key, nor a value that could be one in the wrong place.

import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parse, YAMLParseError } from 'yaml'
import { z } from 'zod'
import { codeOf, InputError, quoted } from '../errors.ts'
import { isUuid } from '../id.ts'
import type { ScalewayProfile } from '../scaleway/client.ts'
import { isLoopback } from './identity-config.ts'

const DEFAULT_API_URL = 'https://api.scaleway.com'

/** In the file; in the environment `access_key` is `SCW_ACCESS_KEY`. */
type Key = 'access_key' | 'secret_key' | 'default_organization_id' | 'api_url'

function variableOf(key: Key): string {
  return `SCW_${key.toUpperCase()}`
}

interface Found {
  readonly text: string
  /** For messages: a variable, or a key of a file. */
  readonly place: string
}

/**
 * `null` if there is neither an access key nor a secret key. Refuses invalid values with all errors in one line. An
 * empty variable counts as not set.
 */
export function readScaleway(
  environment: NodeJS.ProcessEnv,
  profileName: string | undefined,
): ScalewayProfile | null {
  const file = readProfile(environment, profileName)
  const find = (key: Key): Found | null => {
    const place = variableOf(key)
    const variable = environment[place]
    if (variable) return { text: variable, place }
    const value = file?.values[key]
    return value ? { text: value, place: `${key} in ${file.place}` } : null
  }
  const access = find('access_key')
  const secret = find('secret_key')
  if (access === null && secret === null) return null
  const organization = find('default_organization_id')
  const url = find('api_url')
  const complaints = [
    access === null ? missing('access_key', secret) : problemOfAccessKey(access),
    secret === null ? missing('secret_key', access) : problemOfSecretKey(secret),
    organization && problemOfOrganization(organization, secret),
    url && problemOfUrl(url, secret),
  ].filter(complaint => complaint !== null)
  if (access === null || secret === null || complaints.length > 0) {
    throw new InputError(complaints.join('; '))
  }
  return {
    accessKey: access.text,
    secretKey: secret.text,
    organizationId: organization?.text.toLowerCase() ?? null,
    apiUrl: new URL(url?.text ?? DEFAULT_API_URL).href.replace(/\/+$/, ''),
  }
}

function missing(key: Key, given: Found | null): string {
  const variable = variableOf(key)
  return `${variable} is missing, but ${given?.place} is set; set ${variable}, or ${key} in the profile`
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

const TEXT = z.coerce.string().nullish()
const VALUES = z.object({
  access_key: TEXT,
  secret_key: TEXT,
  default_organization_id: TEXT,
  api_url: TEXT,
} satisfies Record<Key, unknown>)
const FILE = VALUES.extend({
  active_profile: TEXT,
  profiles: z.record(z.string(), VALUES.nullable()).nullish(),
})

interface Profile {
  readonly values: z.infer<typeof VALUES>
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
  const { active_profile: active, profiles, ...top } = readFile(path)
  const all = new Map([['default', top], ...Object.entries({ ...profiles, default: top })])
  const name = named ?? (active || 'default')
  const own = all.get(name)
  if (own === undefined) {
    const names = [...all.keys()].map(quoted).join(', ')
    throw new InputError(`${path} has no profile ${quoted(name)}; it has ${names}`)
  }
  const given = Object.entries(own ?? {}).filter(([, value]) => value)
  return {
    values: { ...top, ...Object.fromEntries(given) },
    place: name === 'default' ? path : `profile ${quoted(name)} of ${path}`,
  }
}

function readFile(path: string): z.infer<typeof FILE> {
  const refuse = (words: string) =>
    new InputError(
      `Scaleway's config file ${quoted(path)} ${words}; name another with SCW_CONFIG_PATH, or set SCW_ACCESS_KEY and SCW_SECRET_KEY`,
    )
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw refuse(`cannot be read (${codeOf(error)})`)
  }
  try {
    return FILE.parse(parse(text, { logLevel: 'error' }) ?? {})
  } catch (error) {
    const line = error instanceof YAMLParseError ? error.linePos?.[0].line : undefined
    // The error itself quotes the file.
    throw refuse(`is not YAML as scw writes it${line === undefined ? '' : ` (line ${line})`}`)
  }
}
