// iam-logs completion: a script with which bash, and zsh by its bashcompinit, completes commands, options and file
// names. Unlike the scripts of libraries (@bomb.sh/tab, @pnpm/tabtab), it starts no program at each key press and
// evaluates nothing that was typed.

import { Argument, type Command, type Option } from 'commander'
import { allOf, type CliCommand, nameOf } from './help.ts'

const FOR_ZSH = 'autoload -U +X bashcompinit && bashcompinit\n'

export function define(command: CliCommand): void {
  command
    .addArgument(
      new Argument('<shell>', 'the shell to print the script for').choices(['bash', 'zsh']),
    )
    .examples(
      [
        'source <(iam-logs completion bash)',
        'for this session; add it to ~/.bashrc for all sessions',
      ],
      ['source <(iam-logs completion zsh)', 'the same for zsh; add it to ~/.zshrc after compinit'],
    )
    .action(shell => {
      process.stdout.write(
        (shell === 'zsh' ? FOR_ZSH : '') + script(allOf(command.parent ?? command)),
      )
    })
}

function script(commands: readonly Command[]): string {
  return `_iam_logs() {
  local at=iam-logs current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
      ${commands.map(command => quoted(nameOf(command))).join('|')}) at="$at \${COMP_WORDS[i]}" ;;
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

/** The values of options: from a list, file names completed by the shell, or nothing. */
function valueCases(command: Command): string[] {
  return visibleOptions(command)
    .filter(({ required, optional }) => required || optional)
    .map(({ long, argChoices, flags }) => {
      const reply = argChoices
        ? `COMPREPLY=($(compgen -W ${quoted(argChoices.join(' '))} -- "$current"))`
        : /<(file|url)>/.test(flags)
          ? ':'
          : NO_FILES
      return `    ${quoted(`${nameOf(command)} ${long}`)}) ${reply}; return ;;`
    })
}

/** Subcommands, words and options; files only if the command accepts them. */
function wordCase(command: Command): string {
  const [argument] = command.registeredArguments
  const options = visibleOptions(command).map(({ long }) => long)
  const path = quoted(nameOf(command))
  if (argument?.name() === 'file') {
    return `    ${path}) case "$current" in -*) words=${quoted(options.join(' '))} ;; esac ;;`
  }
  const first = argument?.argChoices ?? command.commands.map(inner => inner.name())
  return `    ${path}) words=${quoted([...first, ...options].join(' '))}; ${NO_FILES} ;;`
}

const NO_FILES = 'compopt +o default 2>/dev/null'

function visibleOptions(command: Command): Option[] {
  return command.createHelp().visibleOptions(command)
}

/** No name of a command or option contains a quote. */
function quoted(text: string): string {
  return `'${text}'`
}
