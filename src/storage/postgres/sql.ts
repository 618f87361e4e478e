// SQL for PostgreSQL as a value: text with numbered parameters. What stands between `${}` is bound, never
// pasted, unless it is itself a piece made by `sql`.

export type Bindable =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly (string | number | boolean | null)[]

export interface PostgresQuery {
  readonly text: string
  readonly values: readonly Bindable[]
}

/** A piece of SQL: constant texts, and between each two of them one value to bind. */
export class Sql {
  readonly texts: readonly string[]
  readonly values: readonly Bindable[]

  constructor(texts: readonly string[], values: readonly Bindable[]) {
    this.texts = texts
    this.values = values
  }

  query(): PostgresQuery {
    let text = this.texts[0] ?? ''
    for (let at = 1; at < this.texts.length; at++) text += `$${at}${this.texts[at]}`
    return { text, values: this.values }
  }
}

/** Arrays are bound whole: compare with `= ANY(${list}::text[])`. */
export function sql(strings: TemplateStringsArray, ...parts: (Bindable | Sql)[]): Sql {
  const texts = [strings[0] ?? '']
  const values: Bindable[] = []
  const write = (text: string) => {
    texts[texts.length - 1] += text
  }
  parts.forEach((part, at) => {
    if (part instanceof Sql) {
      write(part.texts[0] ?? '')
      part.values.forEach((value, index) => {
        values.push(value)
        texts.push(part.texts[index + 1] ?? '')
      })
    } else {
      values.push(part)
      texts.push('')
    }
    write(strings[at + 1] ?? '')
  })
  return new Sql(texts, values)
}

/** A constant of this program's, such as a name or a direction; never what came from outside. */
export function constant(text: string): Sql {
  return new Sql([text], [])
}

export function join(pieces: readonly Sql[], separator: string): Sql {
  return pieces.reduce(
    (all, piece, at) => (at === 0 ? piece : sql`${all}${constant(separator)}${piece}`),
    constant(''),
  )
}

export function and(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? constant('true') : join(conditions, ' AND ')
}
