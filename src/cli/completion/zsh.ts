// The script for zsh: a file _iam-logs in a folder of the fpath, or sourced after compinit.

import { steps } from './bash.ts'
import { allIn, type Completed, lastWord, singleQuoted, type Value } from './commands.ts'

export function zshScript(program: Completed): string {
  const commands = allIn(program)
  return `#compdef iam-logs
# Completion of iam-logs for zsh.
_iam_logs() {
  local at='' i
  for ((i = 2; i < CURRENT; i++)); do
    case "$at \${words[i]}" in
${steps(commands)}
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${commands.flatMap(valueCases).join('\n')}
  esac
  local -a inner flags
  case "$at" in
${commands.map(wordCase).join('\n')}
  esac
}
if [ "$funcstack[1]" = _iam-logs ]; then _iam_logs "$@"; else compdef _iam_logs iam-logs; fi
`
}

function valueCases({ path, options }: Completed): string[] {
  return options.flatMap(({ name, takes }) =>
    takes === null
      ? []
      : [`    ${singleQuoted(`${path} ${name}`)}) ${completing(takes)}; return ;;`],
  )
}

function completing(value: Value): string {
  if (value === 'file') return '_files'
  if (value === 'text') return "_message 'a value'"
  return `compadd -- ${value.map(singleQuoted).join(' ')}`
}

function wordCase({ path, commands, options, takes }: Completed): string {
  const named = commands.map(command => described(lastWord(command), command.about)).join(' ')
  const choices = options.map(({ name, about }) => described(name, about)).join(' ')
  const first = takes === null ? "_describe 'command' inner" : completing(takes)
  return `    ${singleQuoted(path)})
      inner=(${named}); flags=(${choices})
      case "$PREFIX" in -*) _describe -o 'option' flags ;; *) ${first} ;; esac ;;`
}

function described(word: string, about: string): string {
  return singleQuoted(`${word}:${about.replace(/[\\:]/g, '\\$&')}`)
}
