// The help of every command, with examples whose options exist, and shell completion, which is tested with a real bash.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { run, temporaryFolder } from './support/command.ts'

const cwd = process.cwd()

const helps = new Map<string, ReturnType<typeof run>>()

/** The output of each help, printed only once. */
function help(path: string): ReturnType<typeof run> {
  const words = path.split(' ').filter(word => word !== '')
  const printed = helps.get(path) ?? run([...words, '--help'], { cwd })
  helps.set(path, printed)
  return printed
}

/** The names of the subcommands that the help of a command lists. */
async function commandsOf(path: string): Promise<string[]> {
  const { stdout } = await help(path)
  const list = /^Commands:\n((?: .*\n)+)/m.exec(stdout)?.[1] ?? ''
  return [...list.matchAll(/^ {2}(\w[\w-]*)/gm)].map(match => match[1] ?? '')
}

const COMMANDS = await commandsOf('')
const NESTED = await Promise.all(
  ['token', 'organization', 'access'].map(async group =>
    (await commandsOf(group)).map(name => `${group} ${name}`),
  ),
)
const ALL = [...COMMANDS, ...NESTED.flat()]

test('iam-logs --help shows the usage', async () => {
  const { code, stdout, stderr } = await help('')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^Usage: iam-logs \[options\] \[command\]\n/)
})

test.each(ALL)(
  'iam-logs %s --help shows the usage, and examples whose options exist',
  async path => {
    const { code, stdout, stderr } = await help(path)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(new RegExp(`^Usage: iam-logs ${path}\\b`))
    const examples = /\nExamples:\n((?: .*\n?)+)/.exec(stdout)?.[1] ?? ''
    expect(examples).toContain(`iam-logs ${path}`)
    // Examples of these two are of their subcommands.
    const options = new Set(stdout.split('\nExamples:')[0]?.match(/--[a-z][a-z-]*/g))
    for (const option of examples.match(/ --[a-z][a-z-]*/g) ?? []) {
      if (!['token', 'access'].includes(path)) expect(options).toContain(option.trim())
    }
  },
)

test('iam-logs --version prints the version of the package', async () => {
  const { stdout } = await run(['--version'], { cwd })
  expect(stdout).toBe(`${JSON.parse(readFileSync('package.json', 'utf8')).version}\n`)
})

describe('completion', () => {
  test('for an unsupported shell is refused', async () => {
    const { code, stdout } = await run(['completion', 'tcsh'], { cwd })
    expect([code, stdout]).toEqual([2, ''])
  })

  test('in bash offers commands, options, values and file names where each belongs, and runs nothing that was typed', async () => {
    using folder = temporaryFolder()
    const script = (await run(['completion', 'bash'], { cwd })).stdout
    writeFileSync(join(folder.path, 'script'), script)
    /** What bash offers for the last of these words, by the completion function of the script. */
    const complete = (...words: string[]) => {
      const commands = `source ./script; complete -p iam-logs >/dev/null || exit 3
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _iam_logs; printf '%s\\n' "\${COMPREPLY[@]}"`
      const output = execFileSync('bash', ['--norc', '-c', commands, 'bash', ...words], {
        cwd: folder.path,
        encoding: 'utf8',
      })
      return output.split('\n').filter(line => line !== '')
    }
    expect(complete('iam-logs', '')).toEqual([...COMMANDS, '--version', '--help'])
    expect(complete('iam-logs', 'ser')).toEqual(['serve'])
    expect(complete('iam-logs', 'token', '')).toEqual(['create', 'list', 'revoke', '--help'])
    expect(complete('iam-logs', 'token', 'create', '--p')).toEqual([
      '--permission-set',
      '--principal',
    ])
    expect(complete('iam-logs', 'serve', '--port', '80', '--no')).toEqual([
      '--no-sample',
      '--no-sync',
    ])
    expect(complete('iam-logs', 'completion', '')).toEqual(['bash', 'zsh', '--help'])
    // Without an offer of the function, bash completes file names.
    expect(complete('iam-logs', 'import', '')).toEqual([])
    expect(complete('iam-logs', 'serve', '--database', '')).toEqual([])
    // Nothing that was typed is run.
    expect(complete('iam-logs', '$(touch run)', '`touch run`', '')).toContain('serve')
    expect(execFileSync('ls', { cwd: folder.path, encoding: 'utf8' })).toBe('script\n')
  })

  test('in zsh is the script for bash, which zsh loads with bashcompinit', async () => {
    const bash = await run(['completion', 'bash'], { cwd })
    const zsh = await run(['completion', 'zsh'], { cwd })
    expect(zsh.stdout).toMatch(/^autoload .*bashcompinit\n/)
    expect(zsh.stdout.split('\n').slice(1)).toEqual(bash.stdout.split('\n'))
  })
})
