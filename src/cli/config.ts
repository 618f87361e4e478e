// The settings: only this module reads the environment. Command-line options override settings.

import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { InputError, quoted } from '../errors.ts'
import { isUuid } from '../id.ts'
import { MICROSECONDS_PER_SECOND } from '../instant.ts'
import type { ScalewayProfile } from '../scaleway/client.ts'
import { decoded, isPostgres, passwordsIn } from '../storage/database-address.ts'
import { readScaleway } from './credentials.ts'
import {
  type IdentityConfig,
  identityComplaints,
  identitySettings,
  withIdentity,
} from './identity-config.ts'
import { commandHere } from './next-step.ts'

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

function lowerCase(items: readonly string[]): string[] {
  return items.map(item => item.toLowerCase())
}

const principalIds = z.string().transform((text, context) => {
  const list = itemsOf(text)
  const wrong = list.find(id => !isUuid(id.replace(/^!/, '')))
  if (wrong !== undefined) {
    context.addIssue(
      `contains ${quoted(wrong)}, which is not a UUID; separate UUIDs by commas, and put ! before one that is not Scaleway`,
    )
  }
  const lower = lowerCase(list)
  const scaleway = lower.filter(id => !id.startsWith('!'))
  const others = lower.filter(id => id.startsWith('!')).map(id => id.slice(1))
  const both = scaleway.find(id => others.includes(id))
  if (both !== undefined) {
    context.addIssue(`contains both ${both} and !${both}; remove one`)
  }
  return { scaleway, others }
})

const block = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])

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

const collector = z.url({
  protocol: /^https?$/,
  error: 'is not a valid URL; give one such as http://127.0.0.1:4318',
})

/** `publicUrl` is read from `IAM_LOGS_PUBLIC_URL`, and so on; see `variableOf`. */
const settings = z.object({
  database: z.string().optional(),
  /** Addresses of PostgreSQL replicas to read from. They may contain passwords. */
  replicas: z
    .string()
    .transform(itemsOf)
    .refine(
      list => list.every(isPostgres),
      'contains an address that does not begin with postgres://; separate addresses by commas',
    )
    .default([]),
  /** Whether a PostgreSQL server may be used that can lose acknowledged writes. */
  unsafeDatabase: z
    .enum(['yes', 'no'], { error: 'is not yes or no; give one of them' })
    .transform(word => word === 'yes')
    .default(false),
  /** The maximum per process. */
  postgresConnections: countOf('connections', 1_000).default(10),
  /** The age in microseconds at which events are deleted; `null`: events are kept. */
  retention: retention.nullable().default(null),
  host: z.string().default('127.0.0.1'),
  port: wholeNumber(0, 65535, 'is not a port; give a number from 0 to 65535').default(4000),
  scalewayPrincipalIds: principalIds.default({ scaleway: [], others: [] }),
  logLevel: z
    .enum(LOG_LEVELS, { error: `is not a log level; give one of ${LOG_LEVELS.join(', ')}` })
    .default('info'),
  /** `null`: text on a terminal, otherwise JSON. */
  logFormat: z
    .enum(LOG_FORMATS, { error: `is not a log format; give one of ${LOG_FORMATS.join(', ')}` })
    .nullable()
    .default(null),
  /** The file of audit records; `null`: no file. */
  audit: z.string().nullable().default(null),
  /** The file to which the server writes its address; `null`: no file. */
  addressFile: z.string().nullable().default(null),
  /** The file with the only documents that are executed; `null`: any document. */
  persisted: z.string().nullable().default(null),
  /** The number of processes that serve requests. */
  workers: countOf('processes', MAX_WORKERS).default(Math.min(availableParallelism(), MAX_WORKERS)),
  /** Host names that are accepted in requests, besides localhost; `*`: any. */
  allowedHosts: listOf(
    name => name === '*' || /^[a-z\d]([\w.-]*[a-z\d])?$/i.test(name),
    'not a host name; give names without ports, or *',
  )
    .transform(lowerCase)
    .default([]),
  /** The URL under which people reach the server, without a slash at the end; `null`: the address on which it listens. */
  publicUrl: publicUrl.nullable().default(null),
  /** Addresses and CIDR blocks of proxies whose forwarding headers are trusted. */
  trustedProxies: listOf(
    item => block.safeParse(item).success,
    'neither an address nor a CIDR block; give them like 10.0.0.0/8',
  ).default([]),
  /** Seconds for which an idle connection is kept open. */
  keepAlive: countOf('seconds', 86_400).default(75),
  /** Origins whose pages may send requests from a browser, and further headers that they may send. */
  corsOrigins: listOf(
    origin => /^https?:/.test(origin) && URL.parse(origin)?.origin === origin,
    'not an origin; give origins like https://logs.example.com',
  ).default([]),
  corsHeaders: listOf(
    name => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && name !== '*',
    'not a header name; give names like x-client-version',
  )
    .transform(lowerCase)
    .default([]),
  /** Points of cost that a token may spend per second; 0: no limit. */
  rate: wholeNumber(
    0,
    999_999_999,
    'is not a number of points per second; give one from 0 (no limit) to 999999999',
  ).default(100_000),
  ...identitySettings,
  // OpenTelemetry's SDK reads all its other settings itself.
  otelSdkDisabled: z.string().optional(),
  otelTracesExporter: z.string().optional(),
  otelExporterOtlpEndpoint: collector.optional(),
  otelExporterOtlpTracesEndpoint: collector.optional(),
})

/** `OTEL_SDK_DISABLED` for `otelSdkDisabled`; with our prefix for all other settings. */
function variableOf(setting: string): string {
  const name = setting.replace(/[A-Z]/g, '_$&').toUpperCase()
  return name.startsWith('OTEL_') ? name : `IAM_LOGS_${name}`
}

const KEYS = Object.keys(settings.shape)

export const SETTING_NAMES: readonly string[] = KEYS.map(variableOf)

/** Never repeated in a message. */
const SECRET = new Set<unknown>(['replicas', 'jwksUrl', 'oidcIssuer', 'oidcClientSecret'])

/** Reads the environment. Refuses it with all errors in one line. An empty setting counts as not set. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => value !== '' && !isLink(name, value)),
  )
  const read = settings.safeParse(
    Object.fromEntries(KEYS.map(key => [key, given[variableOf(key)]])),
  )
  const complaints = (read.error?.issues ?? []).map(({ path: [key], message }) => {
    const name = variableOf(String(key))
    return SECRET.has(key) ? `${name} ${message}` : `${name} (${quoted(given[name])}) ${message}`
  })
  complaints.push(...identityComplaints(given))
  if (!read.success || complaints.length > 0) {
    throw new InputError(complaints.join('; '))
  }
  return configFrom(read.data)
}

function configFrom(value: z.output<typeof settings>) {
  const { database = DEFAULT_DATABASE, scalewayPrincipalIds: ids, ...others } = withIdentity(value)
  return {
    ...others,
    database,
    /** Whether `database` was set, or is the default. */
    databaseGiven: value.database !== undefined,
    scalewayPrincipalIds: ids.scaleway,
    /** Not Scaleway, whatever sync detects. */
    notScalewayPrincipalIds: ids.others,
    /** Whether traces are sent: a collector is named, and they are not turned off. */
    tracing:
      (value.otelExporterOtlpTracesEndpoint ?? value.otelExporterOtlpEndpoint) !== undefined &&
      value.otelSdkDisabled?.toLowerCase() !== 'true' &&
      value.otelTracesExporter !== 'none',
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
): ScalewayProfile | null {
  return readScaleway(environment, profileName)
}
