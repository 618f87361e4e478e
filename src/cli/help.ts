// What the help of a command shows beside its options, and the commands by name.

import type { Command } from 'commander'

/** Adds command lines to a command's help, each with what it does where that needs a word. */
export function examples(command: Command, ...lines: readonly [line: string, does: string][]) {
  const text = lines.map(([line, does]) => `  ${line}${does === '' ? '' : `\n      ${does}`}\n`)
  return command.addHelpText('after', `\nExamples:\n${text.join('')}`.trimEnd())
}

/** A command and all below it. */
export function allOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allOf)]
}

/** With the names of those around it, as `iam-logs token create`. */
export function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`
}
