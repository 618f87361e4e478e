// The script for bash, from version 3.2 on; it needs no other package.

import { allIn, type Completed, lastWord, singleQuoted, type Value } from './commands.ts'

export function bashScript(program: Completed): string {
  const commands = allIn(program)
  return `# Completion of iam-logs for bash.
_iam_logs() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" at='' words='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
${steps(commands)}
    esac
  done
  case "$at $before" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$at" in
${commands.map(wordCase).join('\n')}
  esac
  [ -n "$words" ] && COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _iam_logs iam-logs
`
}

/** From a command into one of its own. */
export function steps(commands: readonly Completed[]): string {
  return commands
    .flatMap(around =>
      around.commands.map(inner => {
        const way = singleQuoted(`${around.path} ${lastWord(inner)}`)
        return `      ${way}) at=${singleQuoted(inner.path)} ;;`
      }),
    )
    .join('\n')
}

/** What stands behind an option is its value: files as bash itself completes them, or nothing. */
function valueCases({ path, options }: Completed): string[] {
  return options.flatMap(({ name, takes }) =>
    takes === null
      ? []
      : [`    ${singleQuoted(`${path} ${name}`)}) ${completing(takes)}; return ;;`],
  )
}

function completing(value: Value): string {
  if (value === 'file') return ':'
  if (value === 'text') return 'compopt +o default 2>/dev/null'
  return `COMPREPLY=($(compgen -W ${singleQuoted(value.join(' '))} -- "$current"))`
}

function wordCase({ path, commands, options, takes }: Completed): string {
  const named = options.map(({ name }) => name)
  const first = typeof takes === 'object' && takes !== null ? takes : commands.map(lastWord)
  const words = [...first, ...named].join(' ')
  // Where files are taken, options are offered to who begins one.
  return takes === 'file'
    ? `    ${singleQuoted(path)}) case "$current" in -*) words=${singleQuoted(named.join(' '))} ;; esac ;;`
    : `    ${singleQuoted(path)}) words=${singleQuoted(words)}; compopt +o default 2>/dev/null ;;`
}
