// The program's own audit trail (audit-record.ts) as its operator reads it: lines of JSON at the end of the file that
// IAM_LOGS_AUDIT names, and, of the server, in its log. The file is opened for each line, so it may be moved away at
// any time, and several processes may write to it.

import { appendFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { Audit, AuditRecord, Operator } from '../audit-record.ts'
import { InputError, quoted } from '../errors.ts'
import { type Config, secretsOf } from './config.ts'
import { cleaner, type Logger, routineLevel } from './log.ts'

/** Only the user who runs the program may read it. */
const MODE = 0o600

/**
 * Writes a record to the file before it returns; throws where it cannot. Without a file, nothing. Refuses a file that
 * cannot be written to, so that what is to be recorded is not begun.
 */
export function openAuditFile(config: Config): Audit {
  const { audit: file } = config
  if (file === null) return () => {}
  const clean = cleaner(secretsOf(config))
  try {
    appendFileSync(file, '', { mode: MODE })
  } catch (error) {
    throw new InputError(
      `IAM_LOGS_AUDIT: ${quoted(file)} cannot be written to: ${error instanceof Error && 'code' in error ? error.code : error}`,
    )
  }
  return record => {
    const line = { time: new Date().toISOString(), pid: process.pid, audit: true, ...record }
    appendFileSync(file, `${clean(JSON.stringify(line))}\n`, { mode: MODE })
  }
}

/** For a server: in its log too, whatever its level, unless that is `silent`, or people read it. Does not throw. */
export function createAudit(config: Config, log: Logger): Audit {
  const write = openAuditFile(config)
  const routine = routineLevel(config)
  const always = config.logLevel !== 'silent' && routine === 'info'
  const lines = log.child({ audit: true }, always ? { level: 'info' } : {})
  return (record: AuditRecord) => {
    lines[routine](record, record.event.replaceAll('_', ' '))
    try {
      write(record)
    } catch (error) {
      log.error({ err: error }, 'an audit record could not be written to its file')
    }
  }
}

/** `command` as it is typed, without its arguments. */
export function operator(command: string): Operator {
  let user: string | null = null
  try {
    user = userInfo().username
  } catch {
    // In a container, a user may be but a number.
    user = process.getuid?.().toString() ?? null
  }
  return { user, command }
}
