// The log: one line of JSON for each thing that happened, on standard error, or as text for people. Whatever was put
// into a line, it stays one line, says nothing else than it seems to on a terminal, and holds no secret: that is done
// here, at the end, where nobody can forget it. Lines are written in batches; who ends the process orderly loses none, but where nobody
// reads them: then the log holds up nothing, and what is lost is counted.

import { type Logger, pino } from 'pino'
import { withoutPasswords } from '../storage/address.ts'
import { type Config, type LogFormat, secretsOf } from './config.ts'

export type { Logger } from 'pino'

/** So much is gathered before it is written, in bytes; and for so long, in milliseconds. */
const BATCH = 4096
const LATEST = 100

/** So much may wait to be read, in characters; what comes then is lost. */
const MOST_WAITING = 1_048_576

/** Control characters, and those that turn the direction of text or break lines: JSON leaves them as they are. */
const UNSEEN = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g

const CONTROLS = /[\0-\x1f]/g
const ALL_BUT_NEWLINES = /[\0-\x09\x0b-\x1f]/g

/** Secrets by their shape: our own tokens, and JWTs. */
const SHAPES = [
  [/ilg_[\w-]{8,}/g, 'ilg_…'],
  [/eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, 'eyJ…'],
] as const

/** Shorter ones would be found in words that are none. */
const SHORTEST_SECRET = 6

/** What the settings say, or what suits standard error. */
export function formatOf({ logFormat }: Pick<Config, 'logFormat'>): LogFormat {
  return logFormat ?? (process.stderr.isTTY === true ? 'text' : 'json')
}

/** The level of what happens with every request: who watches a terminal wants to see the rest. */
export function routineLevel(config: Pick<Config, 'logFormat'>): 'info' | 'debug' {
  return formatOf(config) === 'text' ? 'debug' : 'info'
}

/** Of an error only what its author wrote is told; databases add values to theirs. */
export async function createLog(config: Config): Promise<Logger> {
  const clean = cleaner(secretsOf(config))
  const shown = formatOf(config) === 'text' ? await textFormat() : (line: string) => line
  const out = standardError(lost =>
    log.error({ lost }, 'lines of the log were lost, as nobody read them in time'),
  )
  const log = pino(
    {
      level: config.logLevel,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      serializers: { err: told },
    },
    { write: line => out(shown(clean(line))) },
  )
  return log
}

/**
 * Takes lines for standard error and never waits for who reads it: Node writes to a pipe as it is read. `lost` is told
 * how many lines were lost once there is room again.
 */
function standardError(lost: (lines: number) => void): (line: string) => void {
  const { stderr } = process
  let batch: string[] = []
  let length = 0
  let dropped = 0
  function flush(): void {
    if (stderr.writableLength > MOST_WAITING) {
      dropped += batch.length
    } else if (batch.length > 0) {
      stderr.write(batch.join(''))
    }
    batch = []
    length = 0
  }
  function tellLost(): void {
    if (dropped === 0 || stderr.writableLength > MOST_WAITING / 2) return
    const lines = dropped
    dropped = 0
    lost(lines)
  }
  // Who reads it may have gone: then there is nobody to tell.
  if (stderr.listenerCount('error') === 0) stderr.on('error', () => {})
  setInterval(() => {
    tellLost()
    flush()
  }, LATEST).unref()
  process.on('beforeExit', flush)
  process.on('exit', flush)
  return line => {
    batch.push(line)
    length += line.length
    if (length >= BATCH) flush()
  }
}

/** A line of JSON as it may be shown to anybody. */
export function cleaner(secrets: readonly string[]): (line: string) => string {
  const known = secrets
    .filter(secret => secret.length >= SHORTEST_SECRET)
    .map(secret => JSON.stringify(secret).slice(1, -1))
    // Of one that begins with another, nothing stays.
    .sort((one, other) => other.length - one.length)
  return line => {
    let clean = line
    for (const secret of known) {
      if (clean.includes(secret)) clean = clean.replaceAll(secret, '…')
    }
    for (const [shape, instead] of SHAPES) clean = clean.replace(shape, instead)
    return withoutPasswords(clean).replace(UNSEEN, escaped)
  }
}

/** Loaded here, as only people need it. It unescapes what JSON has escaped, so that is done again. */
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
          .replace(UNSEEN, escaped)
      : value
  return line => pretty(JSON.parse(line, visible))
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

interface Told {
  readonly type: string
  readonly message: string
  readonly stack?: string | undefined
  readonly code?: unknown
  readonly cause?: Told
}

function told(error: unknown): Told {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) }
  return {
    type: error.name,
    message: error.message,
    ...('code' in error && { code: error.code }),
    stack: error.stack,
    ...(error.cause !== undefined && { cause: told(error.cause) }),
  }
}
