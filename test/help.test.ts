// What the program says of itself: help for every command, with examples that are sound, and completion, asked of a
// real bash.

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { run, temporaryFolder } from './support/command.ts'

const cwd = process.cwd()

const helps = new Map<string, ReturnType<typeof run>>()

/** Asked once for each. */
function help(path: string): ReturnType<typeof run> {
  const words = path.split(' ').filter(word => word !== '')
  const asked = helps.get(path) ?? run([...words, '--help'], { cwd })
  helps.set(path, asked)
  return asked
}

/** The names of a command's commands, as its help lists them. */
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

test('iam-logs --help says how it is used', async () => {
  const { code, stdout, stderr } = await help('')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^Usage: iam-logs \[options\] \[command\]\n/)
})

test.each(ALL)('%s --help says what it does, how it is used, and shows examples', async path => {
  const { code, stdout, stderr } = await help(path)
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(new RegExp(`^Usage: iam-logs ${path}\\b`))
  const examples = /\nExamples:\n((?: .*\n?)+)/.exec(stdout)?.[1] ?? ''
  expect(examples).toContain(`iam-logs ${path}`)
  // An option that an example gives is one of the command's.
  const options = new Set(stdout.split('\nExamples:')[0]?.match(/--[a-z][a-z-]*/g))
  for (const option of examples.match(/ --[a-z][a-z-]*/g) ?? []) {
    if (!['token', 'access'].includes(path)) expect(options).toContain(option.trim())
  }
})

test('the version is that of the package', async () => {
  const { stdout } = await run(['--version'], { cwd })
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

describe('completion', () => {
  test('of a shell there is none for is refused', async () => {
    const { code, stdout } = await run(['completion', 'tcsh'], { cwd })
    expect([code, stdout]).toEqual([2, ''])
  })

  test('in bash gives commands, options, words and files where each belongs', async () => {
    using folder = temporaryFolder()
    const script = (await run(['completion', 'bash'], { cwd })).stdout
    writeFileSync(join(folder.path, 'script'), script)
    /** What bash offers for the last of these words, by the function it was told to ask. */
    const complete = (...words: string[]) => {
      const asked = `source ./script; complete -p iam-logs >/dev/null || exit 3
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _iam_logs; printf '%s\\n' "\${COMPREPLY[@]}"`
      const said = execFileSync('bash', ['--norc', '-c', asked, 'bash', ...words], {
        cwd: folder.path,
        encoding: 'utf8',
      })
      return said.split('\n').filter(line => line !== '')
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
    // Nothing of ours: bash goes on with names of files.
    expect(complete('iam-logs', 'import', '')).toEqual([])
    expect(complete('iam-logs', 'serve', '--database', '')).toEqual([])
    // What was typed is never run.
    expect(complete('iam-logs', '$(touch run)', '`touch run`', '')).toContain('serve')
    expect(execFileSync('ls', { cwd: folder.path, encoding: 'utf8' })).toBe('script\n')
  })

  test('in zsh is that of bash, which zsh reads by its bashcompinit', async () => {
    const bash = await run(['completion', 'bash'], { cwd })
    const zsh = await run(['completion', 'zsh'], { cwd })
    expect(zsh.stdout).toMatch(/^autoload .*bashcompinit\n/)
    expect(zsh.stdout.split('\n').slice(1)).toEqual(bash.stdout.split('\n'))
  })
})
