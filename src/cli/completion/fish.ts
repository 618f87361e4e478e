// The script for fish.

import { allIn, type Completed, lastWord, singleQuoted, type Value } from './commands.ts'

export function fishScript(program: Completed): string {
  const lines = allIn(program).flatMap(command => linesFor(command))
  return `# Completion of iam-logs for fish.
complete -c iam-logs -f
${lines.join('\n')}
`
}

function linesFor(command: Completed): string[] {
  const where = condition(command)
  const begin = `complete -c iam-logs -n ${singleQuoted(where)}`
  return [
    ...command.commands.map(inner => `${begin} -a ${lastWord(inner)} -d ${quoted(inner.about)}`),
    ...(command.takes === null ? [] : [`${begin} ${taking(command.takes)}`]),
    ...command.options.map(({ name, about, takes }) => {
      const value = takes === null ? '' : ` -r ${taking(takes)}`
      return `${begin} -l ${name.slice(2)}${value} -d ${quoted(about)}`
    }),
  ]
}

/** True where this command is the innermost that was typed. */
function condition({ path, commands }: Completed): string {
  const typed = path.split(' ').filter(word => word !== '')
  const inner = commands.map(lastWord)
  return [
    ...typed.map(word => `__fish_seen_subcommand_from ${word}`),
    ...(inner.length === 0 ? [] : [`not __fish_seen_subcommand_from ${inner.join(' ')}`]),
  ].join('; and ')
}

function taking(value: Value): string {
  if (value === 'file') return '-F'
  if (value === 'text') return '-f'
  return `-f -a ${quoted(value.join(' '))}`
}

/** Within single quotes fish knows two escapes. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
