// Tests of rights that every database must pass: each viewer sees exactly what the table in rights-world.ts says; and the
// permission sets of principals follow from the policies and groups of the directory.

import { describe, expect, test } from 'vitest'
import type { LogReader } from '../../src/log-reader.ts'
import type { DirectoryEntry, Principal, ScalewayIds } from '../../src/principal.ts'
import { scalewayIds } from '../../src/principal.ts'
import type { AuditStore } from '../../src/store.ts'
import { visibilityOf } from '../../src/visibility.ts'
import { ORGANIZATION, OTHER_ORGANIZATION, query, uuid } from './events.ts'
import { closedAfterEach } from './opened.ts'
import { application, user } from './people.ts'
import {
  ACTS,
  ENTRIES,
  enough,
  fill,
  type Letters,
  LISTED,
  listOf,
  NOBODY,
  type RightsOf,
  SCALEWAY,
  SEARCHES,
  TOLD,
  VIEWERS,
} from './rights-world.ts'
import { group, policy } from './sync-contract.ts'

function visibility({ sets, owner = false }: RightsOf) {
  const memberships = [{ organizationId: ORGANIZATION, owner, permissionSets: sets }]
  return visibilityOf({ id: 'viewer', name: null, memberships })
}

const TYPES = {
  user: 'User',
  application: 'Application',
  unknown: 'UnknownPrincipal',
  scaleway: 'ScalewayPrincipal',
} as const
const line = ({ kind, name, id }: Principal) => `${TYPES[kind]} ${name} ${id}`

/** The entries as text; hidden ones are `null`. */
const read = (entries: readonly (DirectoryEntry | null)[]) =>
  entries.map(entry => entry && `${entry.kind} ${entry.name} ${entry.id}`)

/** The former name of an entry; see `fill`. */
function formerName(entry: DirectoryEntry): string | null {
  if (entry.kind === 'scaleway') return entry.name
  const name = entry.kind === 'api_key' ? entry.description : entry.name
  return name && `${name} then`
}

export function testRights(
  name: string,
  open: (options: { scalewayIds: ScalewayIds }) => Promise<AuditStore>,
): void {
  describe(`${name}: rights`, () => {
    const fresh = closedAfterEach((ids: ScalewayIds = scalewayIds()) => open({ scalewayIds: ids }))

    test('every read returns exactly what the table in rights-world.ts says for the permission sets of the viewer', async () => {
      const store = await fresh(scalewayIds(SCALEWAY.always, SCALEWAY.never))
      const events = await fill(store)
      const searched = new Set<Letters>()
      const ids = [...ENTRIES.map(([, { id }]) => id), NOBODY]
      const keys = ids.map(id => ({ organizationId: ORGANIZATION, id }))
      const elsewhere = keys.map(key => ({ ...key, organizationId: OTHER_ORGANIZATION }))
      for (const viewer of VIEWERS) {
        const log = store.reader(visibility(viewer))
        const { sees } = viewer
        const there = sees.includes('E')
        const about = `${viewer.sets.join(' + ')} ${viewer.owner ?? ''}`
        const shown = [
          ...ENTRIES.map(([needs, { kind, name, id }]) =>
            there && enough(sees, needs) ? `${kind} ${name} ${id}` : null,
          ),
          null,
        ]
        expect(read(await log.directory(keys)), about).toEqual(shown)
        expect(read(await log.directory(elsewhere)), about).toEqual(ids.map(() => null))
        expect(read(await log.directoryById(ids)), about).toEqual(shown)
        const then = await log.namesAt(keys.map(key => ({ ...key, at: 0 })))
        expect(read(then.map(found => found?.entry ?? null)), about).toEqual(shown)
        expect(
          then.map(found => found?.name ?? null),
          about,
        ).toEqual([
          ...ENTRIES.map(([needs, entry]) =>
            there && enough(sees, needs) ? formerName(entry) : null,
          ),
          null,
        ])
        const acted = there ? ACTS.map(([id]) => id) : []
        expect(await log.hasActed(keys), about).toEqual(ids.map(id => acted.includes(id)))
        expect(await log.actedInById(ids), about).toEqual(
          ids.map(id => (acted.includes(id) ? ORGANIZATION : null)),
        )
        await reads(log, sees, events[0]?.id ?? '', about)
        // Searches are slow, and depend on the rights only.
        if (!searched.has(sees)) await searches(log, sees)
        searched.add(sees)
      }
    })

    async function found(log: LogReader, search: string | null): Promise<readonly Principal[]> {
      const all = { organizationId: ORGANIZATION, search, after: null, before: null, limit: 50 }
      const forward = await log.principals({ ...all, fromEnd: false })
      expect(await log.principals({ ...all, fromEnd: true })).toEqual(forward)
      expect(forward.hasMore).toBe(false)
      expect(await log.countPrincipals(ORGANIZATION, search)).toBe(forward.principals.length)
      return forward.principals
    }

    async function searches(log: LogReader, sees: Letters): Promise<void> {
      for (const [search, ids] of SEARCHES) {
        const expected = ids.flatMap(([needs, id]) =>
          sees.includes('E') && enough(sees, needs) ? [id] : [],
        )
        expect(
          (await found(log, search)).map(({ id }) => id),
          `${sees}: ${search}`,
        ).toEqual(expected)
      }
    }

    async function reads(
      log: LogReader,
      sees: Letters,
      eventId: string,
      about: string,
    ): Promise<void> {
      const there = sees.includes('E')
      expect((await found(log, null)).map(line), about).toEqual(there ? LISTED[listOf(sees)] : [])
      const events = there ? TOLD.length : 0
      expect(await log.countEvents(ORGANIZATION, {}), about).toBe(events)
      expect((await log.events(query())).events, about).toHaveLength(events)
      expect((await log.eventsById([eventId]))[0]?.id ?? null, about).toBe(there ? eventId : null)
      const counts = await log.eventCounts(ORGANIZATION, {})
      expect(await counts.principals(50), about).toEqual(
        there ? ACTS.map(([principalId, events]) => ({ principalId, events })) : [],
      )
      const organization = there ? { id: ORGANIZATION, name: null } : null
      expect(await log.organizations(), about).toEqual(there ? [organization] : [])
      expect(await log.organizationsById([uuid(404), ORGANIZATION]), about).toEqual([
        null,
        organization,
      ])
    }

    test('settings overrule the detection of a principal as Scaleway', async () => {
      const detected = uuid(8)
      for (const [ids, name] of [
        [scalewayIds(), 'Scaleway'],
        [scalewayIds([], [detected]), 'Unknown'],
        [scalewayIds([], [uuid(9)]), 'Scaleway'],
        [scalewayIds([detected], [detected]), 'Scaleway'],
      ] as const) {
        const store = await fresh(ids)
        await fill(store)
        const log = store.reader(visibility({ sets: ['IAMReadOnly'], sees: 'EUAGP' }))
        const all = { organizationId: ORGANIZATION, search: detected, after: null, before: null }
        const { principals } = await log.principals({ ...all, limit: 9, fromEnd: false })
        expect(principals.map(({ name, id }) => [name, id])).toEqual([[name, detected]])
        expect(await log.countPrincipals(ORGANIZATION, detected)).toBe(1)
        expect(log.scalewayIds).toEqual(ids)
      }
    })

    /** A directory with one of each way to hold a permission set. */
    async function granted(): Promise<AuditStore> {
      const store = await fresh()
      const [everyUser, everyApplication, named, foreign] = [50, 51, 52, 53].map(number =>
        uuid(number),
      ) as [string, string, string, string]
      const to = (number: number, holder: Parameters<typeof policy>[0], ...sets: string[]) =>
        policy({ ...holder, id: uuid(number), permissionSets: sets })
      const lists: readonly DirectoryEntry[] = [
        user({ id: uuid(1) }),
        user({ id: uuid(2), type: 'guest' }),
        user({ id: uuid(3), type: 'owner' }),
        user({ id: uuid(4), locked: true, type: 'owner' }),
        user({ id: uuid(5), locked: null, type: null }),
        application({ id: uuid(11) }),
        application({ id: uuid(12) }),
        group({ id: everyUser, allUsers: true, applicationIds: [uuid(12)] }),
        group({ id: everyApplication, allApplications: true, userIds: [uuid(2)] }),
        group({ id: named, userIds: [uuid(1), uuid(12)], applicationIds: [uuid(11), uuid(5)] }),
        group({ id: foreign, allUsers: true, allApplications: true }),
        to(60, { holder: { kind: 'group', id: everyUser } }, 'of every user', 'twice'),
        to(61, { holder: { kind: 'group', id: everyApplication } }, 'of every application'),
        to(62, { holder: { kind: 'group', id: named } }, 'of those that are named', 'twice'),
        to(63, { holder: { kind: 'user', id: uuid(2) } }, 'own', 'another'),
        to(64, { holder: { kind: 'application', id: uuid(11) } }, 'own'),
        to(65, { holder: null }, 'of nobody'),
        to(66, { holder: { kind: 'group', id: uuid(404) } }, 'of a group that is gone'),
        policy({ id: uuid(67), holder: { kind: 'user', id: uuid(1) }, permissionSets: null }),
      ]
      for (const entry of lists) {
        const { organizationId, kind } = entry
        await store.updateDirectory({ organizationId, kind, entries: [entry], complete: false })
      }
      // In another Organization, the same IDs have other rights.
      const organizationId = OTHER_ORGANIZATION
      const others = [
        user({ id: uuid(1), organizationId, type: 'owner' }),
        to(68, { organizationId, holder: { kind: 'group', id: everyUser } }, 'elsewhere'),
      ]
      for (const entry of others) {
        await store.updateDirectory({
          organizationId,
          kind: entry.kind,
          entries: [entry],
          complete: true,
        })
      }
      return store
    }

    test('the permission sets of a principal are those of its own policies and of its groups', async () => {
      const store = await granted()
      const [users, applications, named] = [
        'of every user',
        'of every application',
        'of those that are named',
      ]
      for (const [id, expected] of [
        [uuid(1), [users, named, 'twice']],
        [uuid(2), ['another', users, users && applications, 'own', 'twice']],
        [uuid(3), { owner: true, sets: [users, 'twice'] }],
        [uuid(4), null],
        [uuid(5), [users, 'twice']],
        [uuid(11), [applications, named, 'own', 'twice']],
        [uuid(12), [applications, users, 'twice']],
        [uuid(50), null],
        [uuid(60), null],
        [uuid(404), null],
      ] as const) {
        const found = await store.membership({ organizationId: ORGANIZATION, id })
        const { owner, sets } =
          expected !== null && 'owner' in expected ? expected : { owner: false, sets: expected }
        expect(found, id).toEqual(
          sets && {
            organizationId: ORGANIZATION,
            owner,
            permissionSets: [...sets].sort(),
          },
        )
      }
      expect(await store.membership({ organizationId: OTHER_ORGANIZATION, id: uuid(1) })).toEqual({
        organizationId: OTHER_ORGANIZATION,
        owner: true,
        permissionSets: [],
      })
      expect(await store.membership({ organizationId: uuid(405), id: uuid(1) })).toBeNull()
    })

    test('a token of a Scaleway principal has the rights of that principal, including those of its groups', async () => {
      const store = await granted()
      const grants = [uuid(12), uuid(1), uuid(404), uuid(3)].map(principalId => ({
        ...{ organizationId: ORGANIZATION, principalId },
      }))
      const hash = (number: number) => new Uint8Array(32).fill(number)
      for (const [number, grant] of grants.entries()) {
        const made = { id: `token-${number}`, name: null, createdAt: 0, expiresAt: null }
        await store.tokens.create({ ...made, grants: [grant] }, hash(number))
      }
      const held = await Promise.all(grants.map((_, number) => store.tokens.find(hash(number))))
      expect(held.map(found => found?.viewer.memberships)).toEqual([
        [
          {
            organizationId: ORGANIZATION,
            owner: false,
            permissionSets: ['of every application', 'of every user', 'twice'],
          },
        ],
        [
          {
            organizationId: ORGANIZATION,
            owner: false,
            permissionSets: ['of every user', 'of those that are named', 'twice'],
          },
        ],
        [],
        [{ organizationId: ORGANIZATION, owner: true, permissionSets: ['of every user', 'twice'] }],
      ])
    })
  })
}
