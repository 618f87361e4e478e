// Every statement of a test binds the Organization whose rows it touches, and but one: that is what keeps Organizations
// apart, and what a distributed PostgreSQL finds a shard by. Whoever opens a store with `assertBound` has it asserted at the
// end of each test of the file, also where nobody looks. It also finds what such a PostgreSQL takes and does wrong.

import { afterEach, expect } from 'vitest'

/** Tables whose rows are of one Organization, in either database; a partition has the name of its table in front. */
const TABLES =
  `events event_ids new_event_ids kinds principals user_agents addresses resources series quarter_counts
  day_counts seals read_windows directory names saved_views`
    .split(/\s+/)
    .join('|')

const NAMED = new RegExp(
  `\\b(FROM|JOIN|UPDATE|INTO|USING)\\s+(?:main\\.)?(?:(${TABLES})(?:_(?:\\d{4}_\\d\\d|before|after))?)\\b(?:\\s+(?:AS\\s+)?(?!(?:WHERE|SET|ON|CROSS|JOIN|LEFT|INNER|ORDER|GROUP|LIMIT|INDEXED|NOT|UNION|DO|VALUES|SELECT|USING|DEFAULT)\\b)([a-z]\\w*))?`,
  'gi',
)

/** What is about the archive and not about what is in it, by what it is for. */
const OF_THE_ARCHIVE: Readonly<Record<string, RegExp>> = {
  'event IDs that wait, and where they move to':
    /^SELECT count\(\*\) FROM new_event_ids$|FROM new_event_ids WHERE \(organization, id\) > \(\?, \?\)/i,
  'an erased name leaves no byte':
    /^(?:CREATE TEMP TABLE remaining AS SELECT \* FROM|DELETE FROM|INSERT INTO) main\.(?:directory|names)\b/i,
  'verify, which reads all there is': /^\/\* verify \*\//,
  'retention, which drops the months of all Organizations': /^\/\* retention \*\//,
  'coverages and Organizations, for who operates the archive': /^\/\* operator \*\//,
  migrations: /^(?:CREATE|ALTER|DROP|INSERT INTO|UPDATE|DELETE FROM) [`"]|^CREATE /i,
}

/** What Citus takes and does wrong, or refuses: see docs/scale.md. */
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
  // Which values are bound to is a matter of the values where a text binds several.
  if (sound.has(text)) return
  const fault = faultOf(text, values)
  if (fault !== null) unbound.add(`${fault}: ${text}`)
  else sound.add(text)
}

export function isBound(text: string, values: readonly unknown[]): boolean {
  return faultOf(text, values) === null
}

function faultOf(given: string, values: readonly unknown[]): string | null {
  const text = given.replaceAll(/["`]/g, '').replace(/\s+/g, ' ').trim()
  if (Object.values(OF_THE_ARCHIVE).some(what => what.test(text) || what.test(given))) return null
  const wrong = Object.entries(WRONG).find(([, pattern]) => pattern.test(text))
  if (wrong !== undefined) return wrong[0]
  if (/\$\d/.test(text) && isCorrelated(text)) return 'a subquery is bound by what another gives'
  const names = [...text.matchAll(NAMED)].map(([, , table, alias]) =>
    (alias ?? table ?? '').toLowerCase(),
  )
  if (names.length === 0) return null
  const groups = new Groups()
  const bound = new Set<string>()
  for (const [name, inner] of derived(text)) groups.join(name, inner)
  for (const { of, to } of [...equalities(text, values), ...inserted(text, values)]) {
    const name = of === '' ? null : of
    // Without an alias, it is of the only table that stands there.
    for (const one of name === null ? new Set(names) : [name]) {
      groups.join(one, to)
      if (to.startsWith('value ')) bound.add(to)
    }
  }
  if (bound.size > 1) return 'several Organizations are bound'
  const [one] = bound
  const loose = names.find(name => one === undefined || !groups.together(name, one))
  return loose === undefined ? null : `${loose} is of no Organization that is bound`
}

/** Of a column that names an Organization: what it is equal to, another alias or `value` and the value. */
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
  // A list of Organizations that is a table itself.
  const listed = /(?:json_each\((\?)\)|unnest\((\$(\d+))(?:::uuid\[\])?\)) (?:AS )?(\w+)/gi
  for (const match of text.matchAll(listed)) {
    const [whole, mark, dollar, number, alias = ''] = match
    const shown = mark ?? dollar ?? ''
    if (!/^(?:o|organizations?)$/i.test(alias)) continue
    yield { of: alias.toLowerCase(), to: valueAt(match.index + whole.indexOf(shown), number) }
  }
}

/** Whether a subquery has its Organization from one in the FROM around it: Citus finds no shard for it. */
function isCorrelated(text: string): boolean {
  const given = new Set([...derived(text)].map(([name]) => name))
  const correlated =
    /\(SELECT (?:[^()]|\([^()]*\))*? FROM \w+ (?:AS )?(\w+) WHERE \1\.organization = (\w+)\.organization\b/gi
  return [...text.matchAll(correlated)].some(([, , of = '']) => given.has(of.toLowerCase()))
}

/** The names of tables within parentheses, by the name that these have. */
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

/** What new rows have in the column that names their Organization. */
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

/** Which names stand for the same Organization. */
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
