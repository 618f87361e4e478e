// The connections `events` and `principals` of the graph, on the Organization and on every type of principal: arguments,
// pages from either end, and that the events of a principal are only its own.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { NIL_ID } from '../src/event.ts'
import { openApp, type TestApp } from './support/app.ts'
import { at, event, ORGANIZATION, uuid } from './support/events.ts'
import { application, user } from './support/people.ts'

let app: TestApp

const HOUR = 3_600_000_000
/** IDs with letters, which can also be written in upper case. */
const [ADA, ROBOT, GONE] = [1, 2, 3].map(number => uuid(number, 'abcdef00')) as [
  string,
  string,
  string,
]
const people = { User: ADA, Application: ROBOT, Unknown: GONE, Scaleway: NIL_ID }
/** Five events of each principal, oldest first. */
const allEvents = Object.values(people).flatMap((principalId, who) =>
  Array.from({ length: 5 }, (_, number) =>
    event({
      id: uuid(who * 16 + number + 1, 'e2000000'),
      principalId,
      createdAt: at('2026-01-01T00:00:00Z') + number * HOUR + who,
      action: number === 4 ? 'deleted' : 'created',
    }),
  ),
)
const eventsOf = (principal: string) =>
  allEvents.filter(({ principalId }) => principalId === principal).map(({ id }) => id)
const allByDate = allEvents.toSorted((a, b) => a.createdAt - b.createdAt).map(({ id }) => id)

beforeAll(async () => {
  app = await openApp({ rate: { perSecond: 0, burst: 0 } })
  await app.store.append(allEvents)
  await app.store.updateDirectory({
    ...{ organizationId: ORGANIZATION, kind: 'user', complete: true },
    entries: [user({ id: people.User, name: 'Ada' })],
  })
  await app.store.updateDirectory({
    ...{ organizationId: ORGANIZATION, kind: 'application', complete: true },
    entries: [application({ id: people.Application, name: 'robot' })],
  })
})

afterAll(() => app.store.close())

/** The page of a list of the Organization, or of one of its principals. */
async function page(list: 'events' | 'principals', args: string, of: string | null = null) {
  const id = list === 'events' ? 'id: eventId' : 'id: principalId'
  const connection = `${list}(${args}) { totalCount nodes { ${id} } edges { cursor node { ${id} } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`
  const field = of === null ? connection : `principal(id: "${of}") { ${connection} }`
  const { data, errors } = await app.ask(`{ organization(id: "${ORGANIZATION}") { ${field} } }`)
  expect(errors).toBeUndefined()
  const { organization } = data
  const { nodes, edges, pageInfo, totalCount } = (organization.principal ?? organization)[list]
  expect(edges.map(({ node }: { node: object }) => node)).toEqual(nodes)
  expect(pageInfo.startCursor).toBe(edges[0]?.cursor ?? null)
  expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor ?? null)
  return {
    ids: nodes.map(({ id }: { id: string }) => id) as string[],
    cursors: edges.map(({ cursor }: { cursor: string }) => cursor) as string[],
    more: [pageInfo.hasPreviousPage, pageInfo.hasNextPage],
    totalCount,
  }
}

const OLDEST = 'orderBy: CREATED_AT_ASC'
const LISTS: readonly (readonly [
  of: keyof typeof people | 'Organization',
  list: 'events' | 'principals',
  args: string,
  ids: readonly string[],
])[] = [
  ['Organization', 'events', 'orderBy: CREATED_AT_DESC', allByDate.toReversed()],
  ['Organization', 'events', OLDEST, allByDate],
  ['Organization', 'principals', '', [people.User, people.Application, NIL_ID, people.Unknown]],
  ...(Object.entries(people) as [keyof typeof people, string][]).flatMap(
    ([who, id]) =>
      [
        [who, 'events', '', eventsOf(id).toReversed()],
        [who, 'events', OLDEST, eventsOf(id)],
        [who, 'events', `${OLDEST}, filter: { actions: [CREATED] }`, eventsOf(id).slice(0, 4)],
        [who, 'events', 'filter: { actions: [DELETED] }', eventsOf(id).slice(4)],
      ] as const,
  ),
]

test.each(LISTS)(
  '%s.%s(%s) can be paged from either end and between cursors',
  async (who, list, others, ids) => {
    const of = who === 'Organization' ? null : people[who]
    const ask = (args: string) => page(list, `${args}, ${others}`, of)
    const totalCount = ids.length
    const all = await ask('first: 50')
    expect(all).toMatchObject({ ids, more: [false, false], totalCount })
    expect(await ask('last: 50')).toEqual(all)
    const edge = (place: number) => JSON.stringify(all.cursors.at(place))
    const some = ids.length > 1
    for (const [args, expected, more] of [
      ['first: 0', [], [false, true]],
      ['first: 1', ids.slice(0, 1), [false, some]],
      ['last: 1', ids.slice(-1), [some, false]],
      [`first: 9, after: ${edge(-1)}`, [], [true, false]],
      [`last: 9, before: ${edge(0)}`, [], [false, true]],
      ...(ids.length < 4
        ? []
        : ([
            [`first: 2, after: ${edge(0)}`, ids.slice(1, 3), [true, true]],
            [`last: 2, before: ${edge(-1)}`, ids.slice(-3, -1), [true, true]],
            [`first: 50, after: ${edge(0)}, before: ${edge(-1)}`, ids.slice(1, -1), [true, false]],
            [`last: 50, after: ${edge(0)}, before: ${edge(-1)}`, ids.slice(1, -1), [false, true]],
          ] as const)),
    ] as const) {
      expect(await ask(args), args).toMatchObject({ ids: expected, more, totalCount })
    }
  },
)

test.each(Object.entries(people))(
  '%s.events contains only events of that principal, whichever principals the filter names',
  async (_, id) => {
    const other = Object.values(people).find(one => one !== id) ?? ''
    for (const [principalIds, expected] of [
      [null, eventsOf(id)],
      [[id], eventsOf(id)],
      [[id.toUpperCase()], eventsOf(id)],
      [[other, id], eventsOf(id)],
      [[other], []],
      [[uuid(404)], []],
      [[], []],
    ] as const) {
      const named = `principalIds: ${JSON.stringify(principalIds)}`
      const all = await page('events', `${OLDEST}, filter: { ${named} }`, id)
      expect(all, named).toMatchObject({ ids: expected, totalCount: expected.length })
      const last = await page('events', `filter: { actions: [DELETED], ${named} }`, id)
      const [, , , , deleted] = expected
      expect(last, named).toMatchObject({
        ids: deleted === undefined ? [] : [deleted],
        totalCount: deleted === undefined ? 0 : 1,
      })
    }
  },
)
