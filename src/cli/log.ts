// The log: lines of JSON on standard error, or text for people. Every line stays one line, contains no character that a
// terminal hides or interprets, and contains no secret. Lines are written in batches; a normal exit loses none, unless
// the output is not read: the log never blocks the process, and counts lost lines.

import { type Logger, pino } from 'pino'
import { withoutPasswords } from '../storage/database-address.ts'
import { type Config, type LogFormat, secretsOf } from './config.ts'

export type { Logger } from 'pino'

/** Characters and milliseconds after which lines are written. */
const BATCH_SIZE = 4096
const BATCH_INTERVAL = 100

/** The maximum of unread characters; further lines are lost. */
const MAX_UNREAD = 1_048_576

/** Control characters, and those that change the direction of text or break lines; JSON does not escape them. */
const INVISIBLE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g

const CONTROLS = /[\0-\x1f]/g
const ALL_BUT_NEWLINES = /[\0-\x09\x0b-\x1f]/g

/** Our own tokens, and JWTs. */
const SECRET_PATTERNS = [
  [/ilg_[\w-]{8,}/g, 'ilg_…'],
  [/eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, 'eyJ…'],
] as const

/** Shorter secrets would also match ordinary words. */
const MIN_SECRET = 6

/** By the setting, or else by whether standard error is a terminal. */
export function formatOf({ logFormat }: Pick<Config, 'logFormat'>): LogFormat {
  return logFormat ?? (process.stderr.isTTY === true ? 'text' : 'json')
}

/** The level of lines about every request; on a terminal they would hide all others. */
export function routineLevel(config: Pick<Config, 'logFormat'>): 'info' | 'debug' {
  return formatOf(config) === 'text' ? 'debug' : 'info'
}

/** Of errors only a few fields are written: databases add values to theirs. */
export async function createLog(config: Config): Promise<Logger> {
  const clean = cleaner(secretsOf(config))
  const shown = formatOf(config) === 'text' ? await textFormat() : (line: string) => line
  const out = standardError(lost =>
    log.error({ lost }, 'log lines were lost, because standard error was not read in time'),
  )
  const log = pino(
    {
      level: config.logLevel,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      serializers: { err: loggedError },
    },
    { write: line => out(shown(clean(line))) },
  )
  return log
}

/**
 * Writes lines to standard error without ever blocking. When there is room again, `lost` is called with the number of
 * lost lines.
 */
function standardError(lost: (lines: number) => void): (line: string) => void {
  const { stderr } = process
  let batch: string[] = []
  let length = 0
  let dropped = 0
  function flush(): void {
    if (stderr.writableLength > MAX_UNREAD) {
      dropped += batch.length
    } else if (batch.length > 0) {
      stderr.write(batch.join(''))
    }
    batch = []
    length = 0
  }
  function reportLost(): void {
    if (dropped === 0 || stderr.writableLength > MAX_UNREAD / 2) return
    const lines = dropped
    dropped = 0
    lost(lines)
  }
  // The reader may have closed the stream; that must not end the process.
  if (stderr.listenerCount('error') === 0) stderr.on('error', () => {})
  setInterval(() => {
    reportLost()
    flush()
  }, BATCH_INTERVAL).unref()
  process.on('beforeExit', flush)
  process.on('exit', flush)
  return line => {
    batch.push(line)
    length += line.length
    if (length >= BATCH_SIZE) flush()
  }
}

/** Removes secrets and invisible characters from a line of JSON. */
export function cleaner(secrets: readonly string[]): (line: string) => string {
  const known = secrets
    .filter(secret => secret.length >= MIN_SECRET)
    .map(secret => JSON.stringify(secret).slice(1, -1))
    // The longest first, because one may begin with another.
    .sort((one, other) => other.length - one.length)
  return line => {
    let clean = line
    for (const secret of known) {
      if (clean.includes(secret)) clean = clean.replaceAll(secret, '…')
    }
    for (const [pattern, mask] of SECRET_PATTERNS) clean = clean.replace(pattern, mask)
    return withoutPasswords(clean).replace(INVISIBLE, escaped)
  }
}

/** Loaded here, because it is only needed on a terminal. It unescapes JSON, so control characters are escaped again. */
async function textFormat(): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty')
  const pretty = prettyFactory({
    colorize: process.stderr.isTTY === true && process.stderr.hasColors(),
    ignore: 'pid,process,processId,worker,audit',
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
  })
  const visible = (name: string, value: unknown) =>
    typeof value === 'string'
      ? value
          .replace(name === 'stack' ? ALL_BUT_NEWLINES : CONTROLS, escaped)
          .replace(INVISIBLE, escaped)
      : value
  return line => pretty(JSON.parse(line, visible))
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

interface LoggedError {
  readonly type: string
  readonly message: string
  readonly stack?: string | undefined
  readonly code?: unknown
  readonly cause?: LoggedError
}

function loggedError(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) }
  return {
    type: error.name,
    message: error.message,
    ...('code' in error && { code: error.code }),
    stack: error.stack,
    ...(error.cause !== undefined && { cause: loggedError(error.cause) }),
  }
}
