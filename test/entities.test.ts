// References by principal ID alone in a federated graph: if several Organizations have the same ID, which principal the
// viewer gets, and the events of which Organization.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newToken } from '../src/auth/tokens.ts'
import type { DirectoryEntry } from '../src/principal.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, idIn, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { application, user } from './support/people.ts'
import { group } from './support/sync-contract.ts'

/** The Organization with the smaller ID comes first. */
const [FIRST, SECOND] = [ORGANIZATION, OTHER_ORGANIZATION]
const SEES_ALL = { [FIRST]: 'IAMReadOnly', [SECOND]: 'IAMReadOnly' }
const SEES_SECOND = { [FIRST]: 'AuditTrailReadOnly', [SECOND]: 'IAMReadOnly' }
const SEES_FIRST = { [FIRST]: 'IAMReadOnly', [SECOND]: 'AuditTrailReadOnly' }
const ONLY_FIRST = { [FIRST]: 'IAMReadOnly' }
const ONLY_SECOND = { [SECOND]: 'IAMReadOnly' }

type Kind = 'user' | 'application' | 'group' | 'scaleway'
/** In which directories the ID is listed, and how many events of each Organization have it as principal. */
interface Scene {
  readonly listed: Readonly<Record<string, Kind>>
  readonly acted: Readonly<Record<string, number>>
}

const nobody = null
const principal = (typeAndName: string, organizationId: string, events: number) => ({
  ...{ typeAndName, organizationId, events },
})

/** The result for each viewer: type and name, Organization, and number of events there. */
const SCENES: readonly (readonly [
  about: string,
  scene: Scene,
  answers: readonly (readonly [
    rights: Record<string, string>,
    expected: ReturnType<typeof principal> | null,
  ])[],
])[] = [
  [
    'a user of the first Organization with events only in the second',
    { listed: { [FIRST]: 'user' }, acted: { [SECOND]: 2 } },
    [
      [SEES_ALL, principal('User 1', FIRST, 0)],
      [SEES_FIRST, principal('User 1', FIRST, 0)],
      [SEES_SECOND, principal('UnknownPrincipal Unknown', SECOND, 2)],
      [ONLY_FIRST, principal('User 1', FIRST, 0)],
      [ONLY_SECOND, principal('UnknownPrincipal Unknown', SECOND, 2)],
    ],
  ],
  [
    'an application of the second Organization with events only in the first',
    { listed: { [SECOND]: 'application' }, acted: { [FIRST]: 3 } },
    [
      [SEES_ALL, principal('Application 2', SECOND, 0)],
      [SEES_SECOND, principal('Application 2', SECOND, 0)],
      [SEES_FIRST, principal('UnknownPrincipal Unknown', FIRST, 3)],
      [ONLY_FIRST, principal('UnknownPrincipal Unknown', FIRST, 3)],
      [ONLY_SECOND, principal('Application 2', SECOND, 0)],
    ],
  ],
  [
    'a user of both Organizations with events in the second',
    { listed: { [FIRST]: 'user', [SECOND]: 'user' }, acted: { [SECOND]: 2 } },
    [
      [SEES_ALL, principal('User 1', FIRST, 0)],
      [SEES_SECOND, principal('User 2', SECOND, 2)],
      [ONLY_SECOND, principal('User 2', SECOND, 2)],
    ],
  ],
  [
    'an ID in no directory with events in both Organizations',
    { listed: {}, acted: { [FIRST]: 1, [SECOND]: 2 } },
    [
      [SEES_ALL, principal('UnknownPrincipal Unknown', FIRST, 1)],
      [ONLY_SECOND, principal('UnknownPrincipal Unknown', SECOND, 2)],
    ],
  ],
  [
    'the ID of a group of the first Organization with events in the second',
    { listed: { [FIRST]: 'group' }, acted: { [SECOND]: 2 } },
    [
      [SEES_ALL, principal('UnknownPrincipal Unknown', SECOND, 2)],
      [ONLY_FIRST, nobody],
    ],
  ],
  [
    'an ID that is Scaleway in the first Organization, with events only in the second',
    { listed: { [FIRST]: 'scaleway' }, acted: { [SECOND]: 2 } },
    [
      [SEES_ALL, principal('UnknownPrincipal Unknown', SECOND, 2)],
      [ONLY_FIRST, nobody],
    ],
  ],
  [
    'an ID that is Scaleway in the second Organization, with events only in the first',
    { listed: { [SECOND]: 'scaleway' }, acted: { [FIRST]: 2 } },
    [
      [SEES_ALL, principal('UnknownPrincipal Unknown', FIRST, 2)],
      [ONLY_SECOND, nobody],
    ],
  ],
  [
    'an ID that is Scaleway in both Organizations, with events in the second',
    { listed: { [FIRST]: 'scaleway', [SECOND]: 'scaleway' }, acted: { [SECOND]: 2 } },
    [
      [SEES_ALL, principal('ScalewayPrincipal Scaleway', SECOND, 2)],
      [SEES_FIRST, principal('ScalewayPrincipal Scaleway', SECOND, 2)],
    ],
  ],
  [
    'an ID that is Scaleway in the second Organization, with events in both',
    { listed: { [SECOND]: 'scaleway' }, acted: { [FIRST]: 1, [SECOND]: 2 } },
    [
      [SEES_ALL, principal('UnknownPrincipal Unknown', FIRST, 1)],
      [ONLY_SECOND, principal('ScalewayPrincipal Scaleway', SECOND, 2)],
    ],
  ],
]

/** The name is the number of the Organization. */
function entry(kind: Kind, id: string, organizationId: string): DirectoryEntry {
  const name = organizationId === FIRST ? '1' : '2'
  if (kind === 'user') return user({ id, organizationId, name })
  if (kind === 'application') return application({ id, organizationId, name })
  if (kind === 'group') return group({ id, organizationId, name })
  return { kind, id, organizationId, name: 'Scaleway' }
}

const idOf = (scene: number) => uuid(scene + 1, 'b0000000')
const TYPES = ['Principal', 'User', 'Application', 'UnknownPrincipal', 'ScalewayPrincipal']

let app: TestApp

beforeAll(async () => {
  app = await openApp()
  for (const [number, [, { listed, acted }]] of SCENES.entries()) {
    const id = idOf(number)
    for (const [organizationId, kind] of Object.entries(listed)) {
      const entries = [entry(kind, id, organizationId)]
      await app.store.updateDirectory({ organizationId, kind, entries, complete: false })
    }
    for (const [organizationId, events] of Object.entries(acted)) {
      await app.store.append(
        Array.from({ length: events }, () => event({ organizationId, principalId: id })),
      )
    }
  }
})
afterAll(() => app.store.close())

async function tokenOf(rights: Readonly<Record<string, string>>): Promise<string> {
  const grants = Object.entries(rights).map(([organizationId, set]) => {
    return { organizationId, owner: false, permissionSets: [set] }
  })
  const { token, secret, hash } = newToken({ name: null, grants, expiresAt: null }, 0)
  await app.store.tokens.create(token, hash)
  return secret
}

describe.each(SCENES.map(([about, , answers], number) => ({ about, answers, number })))(
  '$about',
  ({ answers, number }) => {
    const id = idOf(number)

    test.each(answers)(
      'is resolved by type, Organization and events for a viewer with %j',
      async (rights, expected) => {
        const { data, errors } = await app.ask(
          `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Principal {
          __typename id principalId name events { totalCount nodes { principal { id: principalId } organization { id } } } } } }`,
          { representations: TYPES.map(__typename => ({ __typename, principalId: id })) },
          await tokenOf(rights),
        )
        expect(errors).toBeUndefined()
        const type = expected?.typeAndName.split(' ')[0]
        const found = expected && {
          __typename: type,
          id: idIn('principal', id, expected.organizationId),
          principalId: id,
          name: expected.typeAndName.split(' ')[1],
          events: {
            totalCount: expected.events,
            nodes: Array.from({ length: expected.events }, () => ({
              principal: { id },
              organization: { id: expected.organizationId },
            })),
          },
        }
        expect(data._entities).toEqual(
          TYPES.map(name => (name === 'Principal' || name === type ? found : null)),
        )
      },
    )
  },
)

test('Organization.principal returns what the ID is in that Organization, with its events there', async () => {
  const ask = async (number: number) => {
    const { data } = await app.ask(
      `query ($id: ID!) { organizations { principal(id: $id) { __typename name events { totalCount } } } }`,
      { id: idOf(number) },
      await tokenOf(SEES_ALL),
    )
    return data.organizations.map(
      ({
        principal,
      }: {
        principal: { __typename: string; name: string; events: { totalCount: number } }
      }) => principal && `${principal.__typename} ${principal.name} ${principal.events.totalCount}`,
    )
  }
  expect(await Promise.all(SCENES.map((_, number) => ask(number)))).toEqual([
    ['User 1 0', 'UnknownPrincipal Unknown 2'],
    ['UnknownPrincipal Unknown 3', 'Application 2 0'],
    ['User 1 0', 'User 2 2'],
    ['UnknownPrincipal Unknown 1', 'UnknownPrincipal Unknown 2'],
    [null, 'UnknownPrincipal Unknown 2'],
    [null, 'UnknownPrincipal Unknown 2'],
    ['UnknownPrincipal Unknown 2', null],
    [null, 'ScalewayPrincipal Scaleway 2'],
    ['UnknownPrincipal Unknown 1', 'ScalewayPrincipal Scaleway 2'],
  ])
})
