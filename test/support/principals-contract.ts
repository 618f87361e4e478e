// Tests of the list of principals that every database must pass: its order, and its search by name.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LogReader, PrincipalPage, PrincipalPosition } from '../../src/log-reader.ts'
import type { Application, DirectoryEntry, User } from '../../src/principal.ts'
import { fold } from '../../src/storage/fold.ts'
import type { AuditStore } from '../../src/store.ts'
import { event, ORGANIZATION, uuid } from './events.ts'
import { LONG } from './long.ts'
import { closedAfterEach } from './opened.ts'
import { application, user } from './people.ts'
import { owner, viewerWith } from './viewers.ts'

function listing(kind: 'user' | 'application', entries: readonly DirectoryEntry[]) {
  return { organizationId: ORGANIZATION, kind, entries, complete: true }
}

const named = (...names: string[]) =>
  names.map((name, number) =>
    user({ id: uuid(number + 1), name, username: null, email: `${number}@example.com` }),
  )

/** The complete list, read in pages of `limit`, from its beginning or its end. */
async function walk(log: LogReader, search: string | null, limit: number, fromEnd: boolean) {
  const all: { name: string; id: string }[] = []
  let edge: PrincipalPosition | null = null
  for (;;) {
    const [after, before] = fromEnd ? [null, edge] : [edge, null]
    const page = { organizationId: ORGANIZATION, search, limit, fromEnd }
    const { principals, hasMore }: PrincipalPage = await log.principals({ ...page, after, before })
    if (fromEnd) all.unshift(...principals)
    else all.push(...principals)
    edge = (fromEnd ? principals[0] : principals.at(-1)) ?? null
    if (!hasMore) return all
    expect(principals).toHaveLength(limit)
  }
}

async function names(log: LogReader, search: string | null = null) {
  const found = await walk(log, search, 100, false)
  expect(await log.countPrincipals(ORGANIZATION, search)).toBe(found.length)
  return found.map(({ name }) => name)
}

const byCodePoint = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

export function testPrincipals(
  name: string,
  open: () => Promise<AuditStore>,
  runs = LONG ? 200 : 20,
): void {
  describe(`${name}: the list of principals`, () => {
    const fresh = closedAfterEach(open)

    test('is sorted by name without regard to case, accents and surrounding white space', async () => {
      const store = await fresh()
      const helene = 'Hélène Dufour'.normalize('NFD')
      const sorted = [
        'Ægir',
        'alain',
        ' Bruno',
        'Élodie',
        'eve',
        helene,
        'Łukasz',
        'Lutz',
        'Øyvind',
        'Zoé',
      ]
      await store.updateDirectory(listing('user', named(...sorted.toReversed())))
      await store.append([event({ principalId: uuid(99) })])
      expect(await names(store.reader(owner))).toEqual(sorted.toSpliced(-1, 0, 'Unknown'))
    })

    test.each([
      ['Élodie', ['élodie', 'ÉLODIE', 'elodie', 'ELOD', 'e\u0301lo', '\uff25lodie', ' élodie\t']],
      ['He\u0301le\u0300ne  Dufour', ['Hélène', 'hélène dufour', 'helene\u00a0Dufour', 'NE DU']],
      ['Groß', ['gross', 'GROẞ', 'groß', 'Gros']],
      ['Sørén Łęcki', ['soren lecki', 'SØREN', 'łęcki', 'S\u00f8ren']],
      ['İbrahim Işık', ['ibrahim isik', 'IBRAHIM', 'ışık', 'İBRAHİM']],
      ['Ὀδυσσεύς', ['οδυσσευσ', 'ΟΔΥΣΣΕΎΣ', 'οδυσσεύς']],
      ['Миколай', ['МИКОЛАЙ', 'миколаи']],
      ['Dominique O’Brien‐Œuvrard', ["o'brien-oeuvrard", 'O’BRIEN', 'œuvrard']],
      ['ﬁnance\u00ad bot', ['finance bot', 'FIN']],
      ['हिन्दी', ['हिन्दी']],
      ['100%_\\', ['100%', '%_', '_\\', '\\']],
    ])(
      'a search finds %s in any case, with or without accents, and in any Unicode form',
      async (name, searches) => {
        const store = await fresh()
        await store.updateDirectory(listing('user', named(name, 'Zzz')))
        for (const search of searches) {
          expect(await names(store.reader(owner), search), search).toEqual([name])
        }
      },
    )

    test('a search by other letters finds nothing, and no character is a wildcard', async () => {
      const store = await fresh()
      await store.updateDirectory(listing('user', named('Elodie', 'हिन्दी', 'สมชาย')))
      for (const search of ['eladie', 'हन', 'elodiee', 'สมชย', 'elo_ie', 'elo%', '.*']) {
        expect(await names(store.reader(owner), search), search).toEqual([])
      }
    })

    test('a search finds the text in one field only, not across the name, the e-mail address and the user name', async () => {
      const store = await fresh()
      const ada = user({ name: 'Ada', email: 'bob@example.com', username: 'carol' })
      await store.updateDirectory(listing('user', [ada]))
      const log = store.reader(owner)
      for (const search of [
        'adab',
        'ada b',
        'ada\nb',
        'a\n',
        'com carol',
        'comc',
        'm\ncarol',
        '\0',
      ]) {
        const found = search.trim() === 'a' ? ['Ada'] : []
        expect(await names(log, search), JSON.stringify(search)).toEqual(found)
      }
      for (const search of [
        'Ada',
        'BOB@',
        'Cárol',
        uuid(1),
        uuid(1).toUpperCase(),
        ` ${uuid(1)} `,
      ]) {
        expect(await names(log, search), search).toEqual(['Ada'])
      }
    })

    test('a search finds a hidden user as Unknown, by that name and its ID only, like a principal that was never listed', async () => {
      const store = await fresh()
      const [hidden, nobody] = [uuid(1), uuid(2)]
      await store.updateDirectory(listing('user', [user({ id: hidden, name: 'Élodie' })]))
      await store.append([event({ principalId: hidden }), event({ principalId: nobody })])
      const log = store.reader(viewerWith('AuditTrailReadOnly'))
      for (const search of ['elodie', 'Élodie', 'example.com'])
        expect(await names(log, search)).toEqual([])
      for (const search of ['unknown', 'ÜNKNOWN', '-0000-']) {
        expect(await walk(log, search, 9, false)).toMatchObject([{ id: hidden }, { id: nobody }])
      }
      for (const id of [hidden, nobody]) {
        expect(await walk(log, id, 9, false)).toEqual([
          { kind: 'unknown', organizationId: ORGANIZATION, id, name: 'Unknown' },
        ])
      }
    })

    test(`has the order, pages and search results of a plain implementation, for random names (${runs} lists)`, async () => {
      const store = await fresh()
      const letters = fc.constantFrom(
        ...[
          'a',
          'A',
          'á',
          'a\u0301',
          'ä',
          'e',
          'É',
          'z',
          'Z',
          'ß',
          'ẞ',
          'ss',
          'æ',
          'ae',
          'ı',
          'İ',
          'σ',
          'ς',
          'Σ',
        ],
        ...[
          ' ',
          '\t',
          '\u00a0',
          '%',
          '_',
          '\\',
          "'",
          '’',
          '-',
          '1',
          '\u{1f600}',
          '\uffee',
          '\u{10fffd}',
        ],
      )
      const text = fc.array(letters, { maxLength: 5 }).map(letters => letters.join(''))
      const entry = fc.record({ name: text, email: fc.option(text), username: fc.option(text) })
      await fc.assert(
        fc.asyncProperty(
          fc.array(entry, { maxLength: 12 }),
          fc.array(text, { maxLength: 3 }),
          fc.nat(4),
          async (people, searches, limit) => {
            const entries: (User | Application)[] = people.map((texts, number) =>
              number % 3 === 2
                ? application({ id: uuid(number), name: texts.name })
                : user({ id: uuid(number), ...texts }),
            )
            for (const kind of ['user', 'application'] as const) {
              const own = entries.filter(entry => entry.kind === kind)
              await store.updateDirectory(listing(kind, own))
            }
            const sorted = entries.toSorted(
              (a, b) => byCodePoint(fold(a.name), fold(b.name)) || byCodePoint(a.id, b.id),
            )
            const log = store.reader(owner)
            for (const search of [null, '', ...searches]) {
              const found = sorted.filter(entry => {
                const also = entry.kind === 'user' ? [entry.email, entry.username] : []
                const byId = search !== null && search.trim().length < 4 ? [] : [entry.id]
                return [entry.name, ...also, ...byId].some(
                  text => search === null || (text !== null && fold(text).includes(fold(search))),
                )
              })
              for (const fromEnd of [false, true]) {
                expect(await walk(log, search, limit + 1, fromEnd), JSON.stringify(search)).toEqual(
                  found,
                )
              }
              expect(await log.countPrincipals(ORGANIZATION, search)).toBe(found.length)
            }
          },
        ),
        { numRuns: runs },
      )
      expect(await store.verify()).toEqual([])
    })
  })
}
