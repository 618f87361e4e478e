// iam-logs completion: what a shell must know to complete commands, options and file names. The script is made from
// the commands themselves and holds all it says: a key that is pressed starts no program and evaluates nothing typed.

import { Argument, type Command, type Option } from 'commander'
import { examples } from './command.ts'
import { bashScript } from './completion/bash.ts'
import type { Completed, CompletedOption, Value } from './completion/commands.ts'
import { fishScript } from './completion/fish.ts'
import { zshScript } from './completion/zsh.ts'

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const

type Shell = keyof typeof SCRIPTS

export function addCompletion(program: Command): void {
  const shells = Object.keys(SCRIPTS)
  examples(
    program
      .command('completion')
      .description('print what a shell needs to complete commands, options and file names')
      .addArgument(new Argument('<shell>', 'which shell').choices(shells)),
    ['source <(iam-logs completion bash)', 'for this session; in ~/.bashrc for all'],
    ['iam-logs completion zsh > ~/.zfunc/_iam-logs', 'into a folder of your fpath'],
    ['iam-logs completion fish > ~/.config/fish/completions/iam-logs.fish', ''],
  ).action((shell: Shell) => {
    process.stdout.write(SCRIPTS[shell](completed(program, [])))
  })
}

function completed(command: Command, around: readonly string[]): Completed {
  const help = command.createHelp()
  const [argument] = command.registeredArguments
  return {
    path: around.join(' '),
    about: command.description(),
    commands: command.commands.map(inner => completed(inner, [...around, inner.name()])),
    options: help.visibleOptions(command).flatMap(option => completedOption(option)),
    takes:
      argument === undefined ? null : (argument.argChoices ?? valueNamed(argument.name()) ?? null),
  }
}

function completedOption(option: Option): CompletedOption[] {
  if (option.long == null) return []
  const { long: name, description: about, argChoices, flags } = option
  const placeholder = /[<[]([^\]>.]+)/.exec(flags)?.[1]
  const takes = placeholder === undefined ? null : (argChoices ?? valueNamed(placeholder))
  return [{ name, about, takes }]
}

/** By the name of its place: a database may be a file. */
function valueNamed(place: string): Value {
  return place === 'file' || place === 'url' ? 'file' : 'text'
}
