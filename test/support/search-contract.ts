// Tests of searches for filter values that every database must pass: resources by name and ID, IP addresses by their
// beginning, and user agents by any part. Hidden resources are found in the same way as removed ones.

import { describe, expect, test } from 'vitest'
import type { LogReader } from '../../src/log-reader.ts'
import type { AuditStore } from '../../src/store.ts'
import { visibilityOf } from '../../src/visibility.ts'
import { event, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './events.ts'
import { application, user } from './people.ts'
import { enough, fill, IDLE, KEYS, type Letters, TOLD, VIEWERS } from './rights-world.ts'
import { apiKey, group } from './sync-contract.ts'
import { owner } from './viewers.ts'

const FIRST = { organizationId: ORGANIZATION, limit: 10 }

export function testSearch(name: string, open: () => Promise<AuditStore>): void {
  describe(`${name}: a search for filter values`, () => {
    test('finds resources by name without regard to case and accents, and by a part of the ID', async () => {
      const store = await open()
      const entries = [
        user({ id: uuid(1, 'abcdef00'), name: 'Théo Silva', email: 'theo@example.com' }),
        application({ id: uuid(2), name: 'theodolite' }),
        group({ id: uuid(3), name: 'Amis de Théo' }),
        apiKey({ id: 'SCWAAAAAAAAAAAAAAAAA', name: 'x', description: 'THEO’s laptop' }),
        apiKey({ id: 'SCWBBBBBBBBBBBBBBBBB', name: 'theo', description: null }),
      ]
      for (const entry of entries) {
        await store.updateDirectory({ ...entry, entries: [entry], complete: false })
      }
      const found = async (search: string, limit = 10) =>
        (await store.reader(owner).resources({ ...FIRST, search, limit })).map(
          ({ category, resourceId }) => `${category} ${resourceId}`,
        )
      const all = [
        `group ${uuid(3)}`,
        `api_key SCWAAAAAAAAAAAAAAAAA`,
        `user ${uuid(1, 'abcdef00')}`,
        `application ${uuid(2)}`,
      ]
      for (const search of ['theo', ' THÉO', 'the\u0301o']) {
        expect((await found(search)).toSorted(), search).toEqual(all.toSorted())
      }
      expect(await found('theo', 2)).toEqual((await found('theo')).slice(0, 2))
      expect(await found('theo@example')).toEqual([`user ${uuid(1, 'abcdef00')}`])
      expect(await found('bcdef00')).toEqual([`user ${uuid(1, 'abcdef00')}`])
      expect(await found('SCWBBBB')).toEqual(['api_key SCWBBBBBBBBBBBBBBBBB'])
      // Three letters are too few for a search by ID.
      expect(await found('bcd')).toEqual([])
      expect(await found('the%o')).toEqual([])
      expect(await found('a\0')).toEqual([])
      await store.close()
    })

    test('finds a hidden resource like a removed one: only by its ID, and only if an event has it', async () => {
      const store = await open()
      await fill(store)
      const known = new Set(TOLD.map(({ resourceId }) => resourceId))
      for (const { sets, owner = false, sees } of VIEWERS) {
        const membership = { organizationId: ORGANIZATION, owner, permissionSets: sets }
        const log = store.reader(
          visibilityOf({ id: 'viewer', name: null, memberships: [membership] }),
        )
        const who = `${sets.join()} ${owner}`
        for (const [needs, search, id] of NAMED) {
          const shown = enough(sees, `E${needs}`)
          expect(await idsOf(log, search), `${search} to ${who}`).toEqual(shown ? [id] : [])
          const there = enough(sees, 'E') && (shown || known.has(id))
          expect(await idsOf(log, id), `${id} to ${who}`).toEqual(there ? [id] : [])
        }
      }
      await store.close()
    })

    test('finds IP addresses by their beginning and user agents by any part, the most frequent first', async () => {
      const store = await open()
      const seen = [
        ['203.0.113.7', 'terraform/1.9'],
        ['203.0.113.7', 'terraform/1.10'],
        ['203.0.113.70', 'Terraform/1.10'],
        ['203.0.1.1', 'curl/8.0 100%'],
        ['2001:db8::1', null],
        [null, 'terraform/1.10'],
      ] as const
      const events = seen.map(([ipAddress, userAgent], number) =>
        event({ id: uuid(number + 1, 'e9000000'), ipAddress, userAgent }),
      )
      const other = { organizationId: OTHER_ORGANIZATION, ipAddress: '203.0.113.99' }
      await store.append([...events, event({ ...other, id: uuid(99, 'e9000000') })])
      const log = store.reader(owner)
      const addresses = async (search: string, limit = 10) =>
        (await log.addresses({ ...FIRST, search, limit })).map(one => `${one.value} ${one.events}`)
      expect(await addresses('203.0.113')).toEqual(['203.0.113.7 2', '203.0.113.70 1'])
      expect(await addresses('203.0.', 1)).toEqual(['203.0.113.7 2'])
      expect(await addresses(' 2001:DB8')).toEqual(['2001:db8::1 1'])
      expect(await addresses('0.113')).toEqual([])
      expect(await addresses('%')).toEqual([])
      const clients = async (search: string) =>
        (await log.userAgents({ ...FIRST, search })).map(one => `${one.value} ${one.events}`)
      expect(await clients('TERRAFORM/1.1')).toEqual(['terraform/1.10 2', 'Terraform/1.10 1'])
      expect(await clients('0%')).toEqual(['curl/8.0 100% 1'])
      expect(await clients('\ud800')).toEqual([])
      const nobody = store.reader(visibilityOf({ id: 'nobody', name: null, memberships: [] }))
      for (const search of ['203', 'terraform']) {
        expect(await nobody.addresses({ ...FIRST, search })).toEqual([])
        expect(await nobody.userAgents({ ...FIRST, search })).toEqual([])
      }
      await store.close()
    })
  })
}

/** The rights that are needed to see a resource, a text that finds only this one, and its ID. */
const NAMED: readonly (readonly [needs: Letters, search: string, id: string])[] = [
  ['A', 'Idle', IDLE],
  ['G', 'Editors', TOLD[2]?.resourceId ?? ''],
  ['P', 'Reading', TOLD[3]?.resourceId ?? ''],
  ['U', 'laptop', KEYS.ofAda],
  ['A', 'pipeline', KEYS.ofRobot],
  ['UA', 'stray', KEYS.ofNobody],
]

async function idsOf(log: LogReader, search: string): Promise<string[]> {
  return (await log.resources({ ...FIRST, search })).map(({ resourceId }) => resourceId)
}
