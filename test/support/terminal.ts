// iam-logs in a pseudo-terminal, made by `script`.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { ENTRY } from './command.ts'

export interface Session {
  /** The output so far, without colours and movements of the cursor. */
  shown(): string
  /** Resolves with the match when it is shown; rejects if the command ends without one. */
  until(fitting: RegExp): Promise<RegExpExecArray>
  type(keys: string): void
  readonly ended: Promise<{ readonly code: number | null; readonly shown: string }>
}

export const CTRL_C = '\u0003'

/** Control sequences of terminals. */
const MOVEMENTS = /\u001b(\[[\d;?]*[A-Za-z]|[78])|\r/g

/** Runs a command line of a shell, in which a first or last `iam-logs` is this program, run as `node FILE`. */
export function inTerminal(
  line: string,
  { cwd, environment = {} }: { cwd: string; environment?: Readonly<Record<string, string>> },
): Session {
  const program = line.replace(/(^|\| )iam-logs\b/, `$1'${process.execPath}' '${ENTRY}'`)
  // So that the exit code is that of the program; a shell would end with that of Ctrl-C.
  const command = program.includes('| ') ? program : `exec ${program}`
  const terminal = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    env: {
      PATH: process.env.PATH,
      HOME: cwd,
      TERM: 'xterm',
      IAM_LOGS_WORKERS: '1',
      IAM_LOGS_UNSAFE_DATABASE: 'yes',
      ...environment,
    },
  })
  let text = ''
  terminal.stdout.setEncoding('utf8').on('data', chunk => {
    text += chunk
  })
  const shown = () => text.replace(MOVEMENTS, '')
  const ended = once(terminal, 'close').then(([code]) => ({ code, shown: shown() }))
  return {
    shown,
    async until(fitting) {
      let end: { code: number | null } | null = null
      for (;;) {
        const more = once(terminal.stdout, 'data').then(() => null)
        const found = fitting.exec(shown())
        if (found !== null) return found
        if (end !== null) throw new Error(`nothing like ${fitting}: ${JSON.stringify(end)}`)
        end = await Promise.race([more, ended])
      }
    },
    type: keys => void terminal.stdin.write(keys),
    ended,
  }
}
