// The examples in commands' help, and the commands by name.

import type { Command } from 'commander'

/** Adds example command lines to a command's help, some with a description. */
export function examples(
  command: Command,
  ...lines: readonly (string | readonly [line: string, does: string])[]
): Command {
  const text = lines.map(example =>
    typeof example === 'string' ? `  ${example}\n` : `  ${example[0]}\n      ${example[1]}\n`,
  )
  return command.addHelpText('after', `\nExamples:\n${text.join('')}`.trimEnd())
}

/** A command and all its subcommands. */
export function allOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allOf)]
}

/** With its parents, such as `iam-logs token create`. */
export function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`
}
