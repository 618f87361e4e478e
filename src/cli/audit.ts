// Writes audit records (audit-record.ts) as lines of JSON to the file of IAM_LOGS_AUDIT and, in the server, to its log.
// The file is opened for each line, so it can be rotated at any time, and several processes can write to it.

import { appendFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { Audit, AuditRecord, Operator } from '../audit-record.ts'
import { unwritable } from '../errors.ts'
import { type Config, secretsOf } from './config.ts'
import { cleaner, type Logger, routineLevel } from './log.ts'

/** Only the user who runs the program can read the file. */
const MODE = 0o600

/**
 * Writes records synchronously to the file, if there is one; throws if that fails. Refuses a file that cannot be
 * written to at the start, so that no action is done without its record.
 */
export function openAuditFile(config: Config): Audit {
  const { audit: file } = config
  if (file === null) return () => {}
  const clean = cleaner(secretsOf(config))
  try {
    appendFileSync(file, '', { mode: MODE })
  } catch (error) {
    throw unwritable('IAM_LOGS_AUDIT', file, error)
  }
  return record => {
    const line = { time: new Date().toISOString(), pid: process.pid, audit: true, ...record }
    appendFileSync(file, `${clean(JSON.stringify(line))}\n`, { mode: MODE })
  }
}

/** For the server: also writes to its JSON log, at any level except `silent`. Does not throw. */
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
      log.error(
        { err: error },
        'an audit record could not be written to the file of IAM_LOGS_AUDIT',
      )
    }
  }
}

/** `command` without its arguments. */
export function operator(command: string): Operator {
  let user: string | null = null
  try {
    user = userInfo().username
  } catch {
    // In a container, the user may have no name.
    user = process.getuid?.().toString() ?? null
  }
  return { user, command }
}
