// The settings: only this module reads the environment. Command-line options override settings.

import { isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { InputError, quoted } from '../errors.ts'
import { isUuid } from '../id.ts'
import { MICROSECONDS_PER_SECOND } from '../instant.ts'
import { decoded, isPostgres, passwordsIn } from '../storage/database-address.ts'
import { type Credentials, readScaleway } from './credentials.ts'
import {
  type IdentityConfig,
  identityComplaints,
  identitySettings,
  readIdentity,
} from './identity-config.ts'
import { commandHere } from './next-step.ts'

export type { Credentials } from './credentials.ts'

export type Config = ReturnType<typeof configFrom>

export const DEFAULT_DATABASE = './iam-logs.db'

export const LOG_FORMATS = ['json', 'text'] as const

export type LogFormat = (typeof LOG_FORMATS)[number]

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const MAX_WORKERS = 64

/** `complaint` completes a sentence that begins with the setting. */
function wholeNumber(least: number, most: number, complaint: string) {
  return z
    .string()
    .regex(/^\d{1,9}$/, complaint)
    .transform(Number)
    .refine(number => number >= least && number <= most, complaint)
}

function countOf(what: string, most: number) {
  return wholeNumber(1, most, `is not a number of ${what}; give one from 1 to ${most}`)
}

/** In days, because whole months are deleted; a shorter unit by mistake would delete nearly everything. */
const retention = z
  .string()
  .regex(/^[1-9]\d{0,4}d$/, 'is not a number of days; give one like 400d')
  .transform(text => Number(text.slice(0, -1)) * 86_400 * MICROSECONDS_PER_SECOND)

function itemsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter(item => item !== '')
}

const principalIds = z.string().transform((text, context) => {
  const list = itemsOf(text)
  const wrong = list.find(id => !isUuid(id.replace(/^!/, '')))
  if (wrong !== undefined) {
    context.addIssue(
      `contains ${quoted(wrong)}, which is not a UUID; separate UUIDs by commas, and put ! before one that is not Scaleway`,
    )
  }
  const lower = list.map(id => id.toLowerCase())
  const scaleway = lower.filter(id => !id.startsWith('!'))
  const others = lower.filter(id => id.startsWith('!')).map(id => id.slice(1))
  const both = scaleway.find(id => others.includes(id))
  if (both !== undefined) {
    context.addIssue(`contains both ${both} and !${both}; remove one`)
  }
  return { scaleway, others }
})

const replicas = z.string().transform((text, context) => {
  const list = itemsOf(text)
  if (!list.every(isPostgres)) {
    context.addIssue(
      'contains an address that does not begin with postgres://; separate addresses by commas',
    )
  }
  return list
})

function listOf(isValid: (item: string) => boolean, complaint: string) {
  return z.string().transform((text, context) => {
    const list = itemsOf(text)
    const wrong = list.find(item => !isValid(item))
    if (wrong !== undefined) {
      context.addIssue(`contains ${quoted(wrong)}, which is ${complaint}, separated by commas`)
    }
    return list
  })
}

const allowedHosts = listOf(
  name => name === '*' || /^[a-z\d]([\w.-]*[a-z\d])?$/i.test(name),
  'not a host name; give names without ports, or *',
).transform(names => names.map(name => name.toLowerCase()))

const trustedProxies = listOf(
  isBlock,
  'neither an address nor a CIDR block; give them like 10.0.0.0/8',
)

function isBlock(text: string): boolean {
  const [address = '', length = '0', another] = text.split('/')
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return (
    /^\d{1,3}$/.test(length) &&
    Number(length) <= bits &&
    another === undefined &&
    !text.includes('%')
  )
}

/** The server's own paths; a base path that begins with one would be ambiguous. */
const OWN_PATH = /^\/(graphql|assets|export|feed|health|metrics|session|sign-in|sign-out)(\/|$)/

const publicUrl = z.string().transform((text, context) => {
  const url = URL.parse(text)
  const path = url?.pathname.replace(/\/+$/, '') ?? ''
  const isPlain = /^https?:$/.test(url?.protocol ?? '') && /^(\/[\w.~-]+)*$/.test(path)
  if (url === null || !isPlain || url.href !== `${url.origin}${url.pathname}`) {
    context.addIssue('is not a valid server URL; give one like https://example.com/iam')
  } else if (OWN_PATH.test(path)) {
    context.addIssue(`has the path ${path}, which the server itself uses; choose another`)
  }
  return `${url?.origin}${path}`
})

const corsHeaders = listOf(
  name => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && name !== '*',
  'not a header name; give names like x-client-version',
).transform(names => names.map(name => name.toLowerCase()))

const corsOrigins = listOf(
  origin => /^https?:/.test(origin) && originOf(origin) === origin,
  'not an origin; give origins like https://logs.example.com',
)

function originOf(text: string): string | null {
  return URL.canParse(text) ? new URL(text).origin : null
}

const rate = wholeNumber(
  0,
  999_999_999,
  'is not a number of points per second; give one from 0 (no limit) to 999999999',
)

const collector = z
  .string()
  .refine(
    text => /^https?:$/.test(URL.parse(text)?.protocol ?? ''),
    'is not a valid URL; give one such as http://127.0.0.1:4318',
  )

const settings = z.object({
  IAM_LOGS_DATABASE: z.string().optional(),
  IAM_LOGS_REPLICAS: replicas.default([]),
  IAM_LOGS_UNSAFE_DATABASE: z
    .enum(['yes', 'no'], { error: 'is not yes or no; give one of them' })
    .default('no'),
  IAM_LOGS_POSTGRES_CONNECTIONS: countOf('connections', 1_000).default(10),
  IAM_LOGS_RETENTION: retention.optional(),
  IAM_LOGS_HOST: z.string().default('127.0.0.1'),
  IAM_LOGS_PORT: wholeNumber(0, 65535, 'is not a port; give a number from 0 to 65535').default(
    4000,
  ),
  IAM_LOGS_SCALEWAY_PRINCIPAL_IDS: principalIds.default({ scaleway: [], others: [] }),
  IAM_LOGS_LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: `is not a log level; give one of ${LOG_LEVELS.join(', ')}` })
    .default('info'),
  IAM_LOGS_LOG_FORMAT: z
    .enum(LOG_FORMATS, { error: `is not a log format; give one of ${LOG_FORMATS.join(', ')}` })
    .optional(),
  IAM_LOGS_AUDIT: z.string().optional(),
  IAM_LOGS_ADDRESS_FILE: z.string().optional(),
  IAM_LOGS_PERSISTED: z.string().optional(),
  IAM_LOGS_WORKERS: countOf('processes', MAX_WORKERS).default(
    Math.min(availableParallelism(), MAX_WORKERS),
  ),
  IAM_LOGS_ALLOWED_HOSTS: allowedHosts.default([]),
  IAM_LOGS_PUBLIC_URL: publicUrl.optional(),
  IAM_LOGS_TRUSTED_PROXIES: trustedProxies.default([]),
  IAM_LOGS_KEEP_ALIVE: countOf('seconds', 86_400).default(75),
  IAM_LOGS_CORS_ORIGINS: corsOrigins.default([]),
  IAM_LOGS_CORS_HEADERS: corsHeaders.default([]),
  IAM_LOGS_RATE: rate.default(100_000),
  ...identitySettings,
  // OpenTelemetry's SDK reads all its other settings itself.
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.string().optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.optional(),
})

export const SETTING_NAMES: readonly string[] = Object.keys(settings.shape)

/** Never repeated in a message. */
const SECRET: ReadonlySet<string> = new Set([
  ...['IAM_LOGS_REPLICAS', 'IAM_LOGS_JWKS_URL', 'IAM_LOGS_OIDC_ISSUER'],
  'IAM_LOGS_OIDC_CLIENT_SECRET',
])

/** Reads the environment. Refuses it with all errors in one line. An empty setting counts as not set. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) => value !== '' && !(name === 'IAM_LOGS_PORT' && isLink(name, value)),
    ),
  )
  const read = settings.safeParse(given)
  const complaints = (read.error?.issues ?? []).map(({ path, message }) => {
    const name = String(path[0])
    return SECRET.has(name) ? `${name} ${message}` : `${name} (${quoted(given[name])}) ${message}`
  })
  complaints.push(...identityComplaints(given))
  if (!read.success || complaints.length > 0) {
    throw new InputError(complaints.join('; '))
  }
  return configFrom(read.data)
}

function configFrom(value: z.output<typeof settings>) {
  return {
    database: value.IAM_LOGS_DATABASE ?? DEFAULT_DATABASE,
    /** Whether `database` was set, or is the default. */
    databaseGiven: value.IAM_LOGS_DATABASE !== undefined,
    /** Addresses of PostgreSQL replicas to read from. They may contain passwords. */
    replicas: value.IAM_LOGS_REPLICAS,
    /** Whether a PostgreSQL server may be used that can lose acknowledged writes. */
    unsafeDatabase: value.IAM_LOGS_UNSAFE_DATABASE === 'yes',
    /** The maximum per process. */
    postgresConnections: value.IAM_LOGS_POSTGRES_CONNECTIONS,
    /** The age in microseconds at which events are deleted; `null`: events are kept. */
    retention: value.IAM_LOGS_RETENTION ?? null,
    host: value.IAM_LOGS_HOST,
    port: value.IAM_LOGS_PORT,
    scalewayPrincipalIds: value.IAM_LOGS_SCALEWAY_PRINCIPAL_IDS.scaleway,
    /** Not Scaleway, whatever sync detects. */
    notScalewayPrincipalIds: value.IAM_LOGS_SCALEWAY_PRINCIPAL_IDS.others,
    logLevel: value.IAM_LOGS_LOG_LEVEL,
    /** `null`: text on a terminal, otherwise JSON. */
    logFormat: value.IAM_LOGS_LOG_FORMAT ?? null,
    /** The file of audit records; `null`: no file. */
    audit: value.IAM_LOGS_AUDIT ?? null,
    /** The file to which the server writes its address; `null`: no file. */
    addressFile: value.IAM_LOGS_ADDRESS_FILE ?? null,
    /** The number of processes that serve requests. */
    workers: value.IAM_LOGS_WORKERS,
    /** Host names that are accepted in requests, besides localhost; `*`: any. */
    allowedHosts: value.IAM_LOGS_ALLOWED_HOSTS,
    /**
     * The URL under which people reach the server, without a slash at the end; `null`: the address on which it listens.
     */
    publicUrl: value.IAM_LOGS_PUBLIC_URL ?? null,
    /** Addresses and CIDR blocks of proxies whose forwarding headers are trusted. */
    trustedProxies: value.IAM_LOGS_TRUSTED_PROXIES,
    /** Seconds for which an idle connection is kept open. */
    keepAlive: value.IAM_LOGS_KEEP_ALIVE,
    /** Origins whose pages may send requests from a browser, and further headers that they may send. */
    corsOrigins: value.IAM_LOGS_CORS_ORIGINS,
    corsHeaders: value.IAM_LOGS_CORS_HEADERS,
    /** Points of cost that a token may spend per second; 0: no limit. */
    rate: value.IAM_LOGS_RATE,
    ...readIdentity(value),
    /** The file with the only documents that are executed; `null`: any document. */
    persisted: value.IAM_LOGS_PERSISTED ?? null,
    /** Whether traces are sent: a collector is named, and they are not turned off. */
    tracing:
      (value.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? value.OTEL_EXPORTER_OTLP_ENDPOINT) !==
        undefined &&
      value.OTEL_SDK_DISABLED?.toLowerCase() !== 'true' &&
      value.OTEL_TRACES_EXPORTER !== 'none',
  }
}

/** Variables that look like our settings, but are not. */
export function unknownSettings(environment: NodeJS.ProcessEnv = process.env): string[] {
  return Object.entries(environment)
    .filter(([name, value]) => name.startsWith('IAM_LOGS_') && !isLink(name, value))
    .map(([name]) => name)
    .filter(name => !SETTING_NAMES.includes(name))
}

/**
 * Whether Kubernetes or Docker set it: both set variables in every container for a Service or container named
 * `iam-logs`. They set `IAM_LOGS_PORT` to an address.
 */
function isLink(name: string, value = ''): boolean {
  if (/_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?$/.test(name)) {
    return true
  }
  if (/^IAM_LOGS_(\w+_)?ENV_/.test(name)) return true
  return name.endsWith('_PORT')
    ? /^(tcp|udp|sctp):\/\//i.test(value)
    : name.endsWith('_NAME') && value.startsWith('/')
}

/** Secrets from the settings and the environment that must not appear in any line of the log. */
export function secretsOf(
  { database, replicas, signIn }: Pick<Config, 'database' | 'replicas'> & Partial<IdentityConfig>,
  environment: NodeJS.ProcessEnv = process.env,
): string[] {
  const passwords = [database, ...replicas].filter(isPostgres).flatMap(passwordsIn)
  const { SCW_SECRET_KEY, PGPASSWORD } = environment
  const ofProxies = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']
    .map(name => environment[name] ?? '')
    .flatMap(passwordsIn)
  const { OTEL_EXPORTER_OTLP_HEADERS = '', OTEL_EXPORTER_OTLP_TRACES_HEADERS = '' } = environment
  const headers = `${OTEL_EXPORTER_OTLP_HEADERS},${OTEL_EXPORTER_OTLP_TRACES_HEADERS}`
    .split(',')
    .map(one => one.slice(one.indexOf('=') + 1).trim())
    .flatMap(value => [value, decoded(value)])
  const others = [SCW_SECRET_KEY, PGPASSWORD, signIn?.clientSecret]
  const secrets = new Set([...passwords, ...ofProxies, ...others, ...headers])
  return [...secrets].filter(secret => secret !== undefined && secret !== '') as string[]
}

export interface ProxySettings {
  /** The usual variables, in the form of `http.setGlobalProxyFromEnv`. */
  readonly variables: {
    readonly HTTPS_PROXY?: string
    readonly HTTP_PROXY?: string
    readonly NO_PROXY: string
  }
  /** Whether Node applies them by itself. */
  readonly byNode: boolean
}

/** This machine is reached without a proxy. */
const LOOPBACK = 'localhost,127.0.0.1,::1'

/** `null` if no proxy is set. Refuses an invalid address without repeating it, because it may contain a password. */
export function readProxy(environment: NodeJS.ProcessEnv = process.env): ProxySettings | null {
  const given = (name: string) => environment[name.toLowerCase()] || environment[name]
  const addresses = (['HTTPS_PROXY', 'HTTP_PROXY'] as const).flatMap(name => {
    const text = given(name)
    if (!text) return []
    const address = /^[a-z\d+.-]+:\/\//i.test(text) ? text : `http://${text}`
    if (/^https?:$/.test(URL.parse(address)?.protocol ?? '')) return [[name, address]]
    throw new InputError(
      `${name} is not the address of a proxy; give one like http://proxy.example.com:3128`,
    )
  })
  if (addresses.length === 0) return null
  const others = [given('NO_PROXY'), LOOPBACK].filter(Boolean).join(',')
  const byNode = environment.NODE_USE_ENV_PROXY === '1'
  return { variables: { ...Object.fromEntries(addresses), NO_PROXY: others }, byNode }
}

/** The command line with which this program is run here, for messages. */
export function ownCommand(environment: NodeJS.ProcessEnv = process.env): string {
  return commandHere(environment.npm_execpath !== undefined, environment.PATH ?? '')
}

/** The message if `readCredentials` finds no credentials. */
export const NO_CREDENTIALS =
  'no Scaleway API key found; set SCW_ACCESS_KEY and SCW_SECRET_KEY, or run: scw init'

/** Whether the environment contains an API key, or half of one. */
export function hasScalewayKey(environment: NodeJS.ProcessEnv = process.env): boolean {
  return Boolean(environment.SCW_ACCESS_KEY || environment.SCW_SECRET_KEY)
}

/** From the environment and Scaleway's own config file; see `readScaleway`. */
export function readCredentials(
  profileName?: string,
  environment: NodeJS.ProcessEnv = process.env,
): Credentials | null {
  return readScaleway(environment, profileName)
}
