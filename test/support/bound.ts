// Every statement of a test that reads, counts or changes what belongs to an Organization binds one, or a key that does:
// whoever opens a store with `assertBound` has it asserted at the end of each test of the file, also where nobody looks.

import { afterEach, expect } from 'vitest'

/** Tables whose rows are of one Organization, in either database. */
const OF_ONE =
  /\b(?:FROM|JOIN|UPDATE(?: OR FAIL)?) (?:ONLY )?(?:main\.)?["`]?(?:events|directory|names|principals|resources|trails|trail_times|kinds|kind_times|addresses|user_agents|arrivals|event_ids|new_event_ids|read_windows|seals)(?:_[a-z0-9]+)*\b/i

/** An Organization, or a key, which is of one, is what was asked for: of a value of the statement, or of a list in one. */
const BOUND =
  /\b(?:organization|organization_id|trail|resource|address|key) *(?:=|IN) *\(?(?:\?|\$\d|ANY|asked\.|j\.value|SELECT value FROM json_each)|\bo\.id *= *(?:ANY\()?\$\d|\bunnest\(\$\d::uuid\[\]\) AS organization/i

/** What is about the archive and not about what is in it, by what it is for. */
const OF_THE_ARCHIVE: Readonly<Record<string, RegExp>> = {
  'the next free key': /^SELECT max\((?:arrival|key)\) FROM \w+$/,
  'event IDs that wait, and where they move to':
    /^SELECT (?:count\(\*\) FROM new_event_ids|1 FROM event_ids LIMIT 1)$|^(?:SELECT organization, id|DELETE|INSERT OR FAIL INTO event_ids SELECT organization, id, arrival) FROM new_event_ids WHERE \(organization, id\) > \(\?, \?\)/,
  'an erased name leaves no byte':
    /^(?:CREATE TEMP TABLE remaining AS SELECT \* FROM|DELETE FROM) main\.(?:directory|names)$/,
  'sums of small tables, by which verify tells changed bits':
    /^SELECT [\w", ]+ FROM (?:directory|names|read_windows)$/,
  'verify, which reads all there is':
    /^SELECT (?:.* FROM events e LEFT JOIN resources r ON r\.key = e\.resource|organization, first, last, sum FROM arrivals ORDER BY|t\.key, t\.organization, p\.id,|key, organization, address FROM addresses$|count\(\*\) FROM \w+ x (?:LEFT|FULL) JOIN )/,
  'verify, which tells numbers of faults':
    /^SELECT (?:x\.key, x\.events, count\(e\.arrival\) FROM|count\(\*\) FROM (?:events e|names n|directory d|trail_times) WHERE|\(SELECT count\(\*\) FROM events\),)/,
  'verify of PostgreSQL, which names Organizations to who runs it':
    / FULL JOIN |LEFT JOIN \(SELECT organization, count\(\*\)|^SELECT o\.id FROM organizations o WHERE o\.last_arrival <|^SELECT \(SELECT count\(\*\) FROM (?:directory|names)/,
  'retention, which drops whole partitions':
    /^SELECT organization, count\(\*\) FROM events_\w+ GROUP BY organization$/,
  'coverages, for who runs it':
    /^SELECT o\.id, o\.first_at.* FROM organizations o LEFT JOIN read_windows w ON w\.organization = o\.id ORDER BY/,
  migrations: /^(?:INSERT INTO|UPDATE|CREATE|ALTER|DROP|DELETE FROM) [`"]|^CREATE /,
}

const unbound = new Set<string>()
/** How many values a text takes is a matter of the text. */
const sound = new Set<string>()

/** For `onStatement`. */
export function assertBound(text: string, values: readonly unknown[]): void {
  if (sound.has(text)) return
  if (isBound(text, values)) sound.add(text)
  else unbound.add(text)
}

export function isBound(text: string, values: readonly unknown[]): boolean {
  const line = text.replace(/\s+/g, ' ').trim()
  if (!OF_ONE.test(line)) return true
  if (values.length > 0 && BOUND.test(line)) return true
  return Object.values(OF_THE_ARCHIVE).some(what => what.test(line))
}

afterEach(() => {
  const found = [...unbound]
  unbound.clear()
  expect(found, 'statements that bind no Organization').toEqual([])
})
