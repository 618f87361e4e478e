// The commands as a shell can complete them, whichever shell it is.

/** A command as it can be completed. */
export interface Completed {
  /** Its name with those around it, as `token create`; '' for the program. */
  readonly path: string
  readonly about: string
  readonly commands: readonly Completed[]
  readonly options: readonly CompletedOption[]
  /** What it takes beside options: files, one of these words, or something nobody can guess. */
  readonly takes: Value | null
}

export interface CompletedOption {
  /** With its dashes. */
  readonly name: string
  readonly about: string
  /** `null`: it takes none. */
  readonly takes: Value | null
}

export type Value = 'file' | 'text' | readonly string[]

/** All commands, the program first. */
export function allIn(command: Completed): Completed[] {
  return [command, ...command.commands.flatMap(allIn)]
}

/** The last word of its path. */
export function lastWord({ path }: Completed): string {
  return path.slice(path.lastIndexOf(' ') + 1)
}

/** A text between single quotes, as every shell here takes it. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
