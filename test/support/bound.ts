// Checks that every statement binds exactly one Organization, whose rows it touches: this separates Organizations, and a
// distributed PostgreSQL finds the shard by it. A store that is opened with `assertBound` is checked at the end of each
// test of the file. Also finds statements that a distributed PostgreSQL accepts, but executes wrongly.

import { afterEach, expect } from 'vitest'

/** Tables whose rows belong to one Organization, in both databases; names of partitions begin with that of the table. */
const TABLES =
  `events event_ids new_event_ids kinds principals user_agents addresses resources series quarter_counts
  day_counts seals read_windows directory names saved_views`
    .split(/\s+/)
    .join('|')

const NAMED = new RegExp(
  `\\b(FROM|JOIN|UPDATE|INTO|USING)\\s+(?:main\\.)?(?:(${TABLES})(?:_(?:\\d{4}_\\d\\d|before|after))?)\\b(?:\\s+(?:AS\\s+)?(?!(?:WHERE|SET|ON|CROSS|JOIN|LEFT|INNER|ORDER|GROUP|LIMIT|INDEXED|NOT|UNION|DO|VALUES|SELECT|USING|DEFAULT)\\b)([a-z]\\w*))?`,
  'gi',
)

/** Statements about all Organizations, by their purpose. */
const OF_ALL_ORGANIZATIONS: Readonly<Record<string, RegExp>> = {
  'moving the IDs of new events to the large table':
    /^SELECT count\(\*\) FROM new_event_ids$|FROM new_event_ids WHERE \(organization, id\) > \(\?, \?\)/i,
  'erasing the bytes of removed names':
    /^(?:CREATE TEMP TABLE remaining AS SELECT \* FROM|DELETE FROM|INSERT INTO) main\.(?:directory|names)\b/i,
  'verify, which reads everything': /^\/\* verify \*\//,
  'retention, which drops the months of all Organizations': /^\/\* retention \*\//,
  'coverages and Organizations, for operators': /^\/\* operator \*\//,
  migrations: /^(?:CREATE|ALTER|DROP|INSERT INTO|UPDATE|DELETE FROM) [`"]|^CREATE /i,
}

/** Statements that Citus executes wrongly or refuses: see docs/scale.md. */
const WRONG: Readonly<Record<string, RegExp>> = {
  'an INSERT, UPDATE or DELETE in a WITH is not routed to a shard':
    /\bWITH\b.*\bAS (?:NOT )?(?:MATERIALIZED )?\(\s*(?:INSERT|UPDATE|DELETE)\b/i,
  'rows of several Organizations are locked': /(?:\bANY\s*\(|\bIN\s*\().*\bFOR UPDATE\b/i,
  'rows are inserted through the coordinator':
    /\bINSERT INTO \w+ \([^)]*\) SELECT \(?\$\d+.*\bunnest\(/i,
}

const unbound = new Set<string>()
const sound = new Set<string>()

/** For `onStatement`. */
export function assertBound(text: string, values: readonly unknown[]): void {
  // A text without a fault is not checked again, although other values might bind several Organizations.
  if (sound.has(text)) return
  const fault = faultOf(text, values)
  if (fault !== null) unbound.add(`${fault}: ${text}`)
  else sound.add(text)
}

export function isBound(text: string, values: readonly unknown[]): boolean {
  return faultOf(text, values) === null
}

function faultOf(statement: string, values: readonly unknown[]): string | null {
  const text = statement.replaceAll(/["`]/g, '').replace(/\s+/g, ' ').trim()
  if (Object.values(OF_ALL_ORGANIZATIONS).some(one => one.test(text) || one.test(statement)))
    return null
  const wrong = Object.entries(WRONG).find(([, pattern]) => pattern.test(text))
  if (wrong !== undefined) return wrong[0]
  if (/\$\d/.test(text) && isCorrelated(text)) return 'a subquery is bound by the result of another'
  const names = [...text.matchAll(NAMED)].map(([, , table, alias]) =>
    (alias ?? table ?? '').toLowerCase(),
  )
  if (names.length === 0) return null
  const groups = new Groups()
  const bound = new Set<string>()
  for (const [name, inner] of derived(text)) groups.join(name, inner)
  for (const { of, to } of [...equalities(text, values), ...inserted(text, values)]) {
    const name = of === '' ? null : of
    // A column without an alias belongs to all tables of the statement.
    for (const one of name === null ? new Set(names) : [name]) {
      groups.join(one, to)
      if (to.startsWith('value ')) bound.add(to)
    }
  }
  if (bound.size > 1) return 'several Organizations are bound'
  const [one] = bound
  const loose = names.find(name => one === undefined || !groups.together(name, one))
  return loose === undefined ? null : `${loose} has no bound Organization`
}

/** The equalities of columns with an Organization: the other alias, or `value` and the value. */
function* equalities(
  text: string,
  values: readonly unknown[],
): Generator<{ of: string; to: string }> {
  const marks = [...text.matchAll(/\?|\$(\d+)/g)]
  const valueAt = (index: number, number: string | undefined) => {
    const at =
      number === undefined ? marks.findIndex(mark => mark.index === index) : Number(number) - 1
    return `value ${String(values[at])}`
  }
  const column = String.raw`(?:(\w+)\.)?(?:organization|key)`
  const direct = new RegExp(
    String.raw`\b${column} (?:=|IN|IS NOT DISTINCT FROM) (?:ANY ?)?\(?(?:CAST\()?(?:SELECT value FROM json_each\()?(\?|\$(\d+))`,
    'gi',
  )
  for (const match of text.matchAll(direct)) {
    const [whole, of = '', mark = '', number] = match
    yield { of: of.toLowerCase(), to: valueAt(match.index + whole.length - mark.length, number) }
  }
  const joined = /\b(\w+)\.(?:organization|key|value) = (\w+)\.(?:organization|key|value)\b/gi
  for (const [, a = '', b = ''] of text.matchAll(joined)) {
    yield { of: a.toLowerCase(), to: b.toLowerCase() }
  }
  // A list of Organizations that is used as a table.
  const listed = /(?:json_each\((\?)\)|unnest\((\$(\d+))(?:::uuid\[\])?\)) (?:AS )?(\w+)/gi
  for (const match of text.matchAll(listed)) {
    const [whole, mark, dollar, number, alias = ''] = match
    const shown = mark ?? dollar ?? ''
    if (!/^(?:o|organizations?)$/i.test(alias)) continue
    yield { of: alias.toLowerCase(), to: valueAt(match.index + whole.indexOf(shown), number) }
  }
}

/** Whether a subquery gets its Organization from a subquery in the FROM around it: Citus finds no shard for that. */
function isCorrelated(text: string): boolean {
  const subqueries = new Set([...derived(text)].map(([name]) => name))
  const correlated =
    /\(SELECT (?:[^()]|\([^()]*\))*? FROM \w+ (?:AS )?(\w+) WHERE \1\.organization = (\w+)\.organization\b/gi
  return [...text.matchAll(correlated)].some(([, , of = '']) => subqueries.has(of.toLowerCase()))
}

/** The names of subqueries, with the names of the tables in them. */
function* derived(text: string): Generator<[name: string, inner: string]> {
  for (const match of text.matchAll(/\) (?:AS )?([a-z]\w*)\b/gi)) {
    const name = (match[1] ?? '').toLowerCase()
    let open = match.index
    for (let depth = 1; depth > 0 && open > 0; ) {
      open--
      if (text[open] === ')') depth++
      else if (text[open] === '(') depth--
    }
    for (const [, , table, alias] of text.slice(open, match.index).matchAll(NAMED)) {
      yield [name, (alias ?? table ?? '').toLowerCase()]
    }
  }
}

/** The values of the Organization's column in new rows. */
function* inserted(
  text: string,
  values: readonly unknown[],
): Generator<{ of: string; to: string }> {
  const [, table = '', columns, behind = ''] =
    /^INSERT (?:OR \w+ )?INTO (\w+) \(([^)]*)\) (?:SELECT|VALUES \()\s*(.*)$/i.exec(text) ?? []
  if (columns === undefined) return
  const place = columns.split(',').findIndex(column => column.trim() === 'organization')
  const written = behind.split(',')[place]?.trim() ?? ''
  const of = table.toLowerCase()
  const [, alias] = /^(\w+)\.(?:organization|key)$/i.exec(written) ?? []
  if (alias !== undefined) yield { of, to: alias.toLowerCase() }
  const [, number] = /^(?:CAST\()?(?:\?|\$(\d+))/.exec(written) ?? [null, null]
  if (/^(?:CAST\()?(?:\?|\$\d)/.test(written)) {
    yield { of, to: `value ${String(values[number == null ? place : Number(number) - 1])}` }
  }
}

/** Sets of names of the same Organization (union-find). */
class Groups {
  readonly #parents = new Map<string, string>()

  join(a: string, b: string): void {
    this.#parents.set(this.#root(a), this.#root(b))
  }

  together(a: string, b: string): boolean {
    return this.#root(a) === this.#root(b)
  }

  #root(name: string): string {
    const parent = this.#parents.get(name)
    return parent === undefined || parent === name ? name : this.#root(parent)
  }
}

afterEach(() => {
  const found = [...unbound]
  unbound.clear()
  expect(found.join('\n'), 'statements that bind no Organization').toBe('')
})
