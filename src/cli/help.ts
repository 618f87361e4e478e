// Commands with examples in their help, and commands by name.

import { Command } from 'commander'

export class CliCommand extends Command {
  override createCommand(name?: string): CliCommand {
    return new CliCommand(name)
  }

  /** Adds command lines to the help, some with a description. */
  examples(...lines: readonly (string | readonly [line: string, does: string])[]): this {
    const text = lines.map(example =>
      typeof example === 'string' ? `\n  ${example}` : `\n  ${example[0]}\n      ${example[1]}`,
    )
    return this.addHelpText('after', `\nExamples:${text.join('')}`)
  }
}

/** A command and all its subcommands. */
export function allOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allOf)]
}

/** With its parents, such as `iam-logs token create`. */
export function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`
}
