// Tests of saved views that every database must pass: their owners, who sees them, their names and their limits.

import { describe, expect, test } from 'vitest'
import { VIEW_LIMITS } from '../../src/saved-view.ts'
import type { AuditStore, Clock, SavedViews } from '../../src/store.ts'
import { visibilityOf } from '../../src/visibility.ts'
import { at, event, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './events.ts'

const DELETIONS = { name: 'Deletions', pageQuery: 'last=7d&actions=DELETED', shared: false }
const EARLY = at('2026-01-01T00:00:00Z')

const manager = { owner: true, permissionSets: [] }
const auditor = { owner: false, permissionSets: ['AuditTrailReadOnly'] }
const outsider = { owner: false, permissionSets: ['IAMUserManager'] }

export function testSavedViews(
  name: string,
  open: (options: { readonly clock: Clock }) => Promise<AuditStore>,
): void {
  let clock = EARLY

  /** The saved views of an account with these rights in the Organizations. */
  function as(
    store: AuditStore,
    account: string,
    rights: Omit<Parameters<typeof visibilityOf>[0]['memberships'][number], 'organizationId'>,
    organizationIds: readonly string[] = [ORGANIZATION, OTHER_ORGANIZATION],
  ): SavedViews {
    const memberships = organizationIds.map(organizationId => ({ organizationId, ...rights }))
    const viewer = { id: account, name: `${account}@example.com`, account, memberships }
    return store.savedViews(visibilityOf(viewer), viewer)
  }

  async function opened(): Promise<AuditStore> {
    clock = EARLY
    const store = await open({ clock: () => clock })
    await store.append([event(), event({ id: uuid(7), organizationId: OTHER_ORGANIZATION })])
    return store
  }

  describe(`${name}: saved views`, () => {
    test('belong to the account that saved them, in one Organization, and do not exist for others', async () => {
      const store = await opened()
      const ada = as(store, 'ada', auditor)
      const saved = await ada.save(ORGANIZATION, DELETIONS)
      expect(saved).toEqual({
        ...{
          ...DELETIONS,
          organizationId: ORGANIZATION,
          id: expect.stringMatching(/^[\da-f-]{36}$/),
        },
        ...{ mine: true, deletable: true, author: 'ada@example.com' },
        ...{ createdAt: EARLY, updatedAt: EARLY },
      })
      const key = { organizationId: ORGANIZATION, id: saved?.id ?? '' }
      expect(await as(store, 'ada', manager).list(ORGANIZATION)).toEqual([saved])
      expect(await ada.find(key)).toEqual(saved)
      expect(await ada.list(OTHER_ORGANIZATION)).toEqual([])
      expect(await ada.find({ ...key, organizationId: OTHER_ORGANIZATION })).toBeNull()
      for (const other of [as(store, 'bob', manager), as(store, 'ada', outsider)]) {
        expect(await other.list(ORGANIZATION)).toEqual([])
        expect(await other.find(key)).toBeNull()
        expect(await other.change(key, { name: 'Mine' })).toBeNull()
        expect(await other.delete(key)).toBeNull()
      }
      expect(await ada.list(ORGANIZATION)).toEqual([saved])
      await store.close()
    })

    test('that are shared are visible to everyone who sees the events; others cannot change them, and only managers can delete them', async () => {
      const store = await opened()
      const ada = as(store, 'ada', auditor)
      const saved = await ada.save(ORGANIZATION, { ...DELETIONS, shared: true })
      const key = { organizationId: ORGANIZATION, id: saved?.id ?? '' }
      const [bob, boss] = [as(store, 'bob', auditor), as(store, 'boss', manager)]
      const seen = { ...saved, mine: false }
      // A viewer without a right to users does not see the author.
      expect(await bob.list(ORGANIZATION)).toEqual([{ ...seen, deletable: false, author: null }])
      expect(await boss.list(ORGANIZATION)).toEqual([seen])
      expect(await as(store, 'eve', outsider).list(ORGANIZATION)).toEqual([])
      const forbidden = { code: 'FORBIDDEN', message: expect.stringContaining('"Deletions"') }
      await expect(bob.change(key, { shared: false })).rejects.toMatchObject(forbidden)
      await expect(boss.change(key, { name: 'Gone' })).rejects.toMatchObject(forbidden)
      await expect(bob.delete(key)).rejects.toMatchObject(forbidden)
      expect(await boss.delete(key)).toEqual(seen)
      expect(await ada.list(ORGANIZATION)).toEqual([])
      await store.close()
    })

    test('keep the fields that a change does not name, and have the date of the last change', async () => {
      const store = await opened()
      const ada = as(store, 'ada', auditor)
      const saved = await ada.save(ORGANIZATION, DELETIONS)
      const key = { organizationId: ORGANIZATION, id: saved?.id ?? '' }
      clock = EARLY + 5
      const shared = { ...saved, shared: true, updatedAt: clock }
      expect(await ada.change(key, { shared: true })).toEqual(shared)
      const named = { ...shared, name: 'Élagage', pageQuery: '' }
      expect(await ada.change(key, { name: 'Élagage', pageQuery: '' })).toEqual(named)
      expect(await ada.list(ORGANIZATION)).toEqual([named])
      expect(await ada.delete(key)).toEqual(named)
      expect(await ada.delete(key)).toBeNull()
      await store.close()
    })

    test('have unique names for an account without regard to case and accents, and are listed by name', async () => {
      const store = await opened()
      const [ada, bob] = [as(store, 'ada', auditor), as(store, 'bob', auditor)]
      await ada.save(ORGANIZATION, { ...DELETIONS, name: 'Zone' })
      const second = await ada.save(ORGANIZATION, { ...DELETIONS, name: 'été' })
      await bob.save(ORGANIZATION, { ...DELETIONS, name: 'Eté', shared: true })
      await ada.save(OTHER_ORGANIZATION, { ...DELETIONS, name: 'Zone' })
      const taken = { code: 'BAD_USER_INPUT', message: expect.stringContaining('already') }
      await expect(ada.save(ORGANIZATION, { ...DELETIONS, name: 'ZÖNE' })).rejects.toMatchObject(
        taken,
      )
      const key = { organizationId: ORGANIZATION, id: second?.id ?? '' }
      await expect(ada.change(key, { name: 'zone' })).rejects.toMatchObject(taken)
      await ada.change(key, { name: 'Été' })
      const names = (await ada.list(ORGANIZATION)).map(({ name, mine }) => `${name} ${mine}`)
      expect(names.toSorted()).toEqual(['Eté false', 'Zone true', 'Été true'])
      expect(names.at(-1)).toBe('Zone true')
      await store.close()
    })

    test('are limited in number, both those of an account and the shared ones of an Organization', async () => {
      const store = await opened()
      const names = (count: number) =>
        Array.from({ length: count }, (_, number) => `View ${number}`)
      const exceeded = { code: 'LIMIT_EXCEEDED' }
      const ada = as(store, 'ada', auditor)
      for (const name of names(VIEW_LIMITS.own)) {
        await ada.save(ORGANIZATION, { ...DELETIONS, name, shared: true })
      }
      await expect(ada.save(ORGANIZATION, DELETIONS)).rejects.toMatchObject(exceeded)
      const bob = as(store, 'bob', auditor)
      for (const name of names(VIEW_LIMITS.shared - VIEW_LIMITS.own)) {
        await bob.save(ORGANIZATION, { ...DELETIONS, name, shared: true })
      }
      const eve = as(store, 'eve', auditor)
      await expect(eve.save(ORGANIZATION, { ...DELETIONS, shared: true })).rejects.toMatchObject(
        exceeded,
      )
      const own = await eve.save(ORGANIZATION, DELETIONS)
      const key = { organizationId: ORGANIZATION, id: own?.id ?? '' }
      await expect(eve.change(key, { shared: true })).rejects.toMatchObject(exceeded)
      expect(await eve.list(ORGANIZATION)).toHaveLength(VIEW_LIMITS.shared + 1)
      await store.close()
    })

    test('of an Organization that does not exist are not saved, and do not create it', async () => {
      const store = await opened()
      const nowhere = uuid(99)
      const ada = as(store, 'ada', manager, [nowhere])
      expect(await ada.save(nowhere, DELETIONS)).toBeNull()
      expect(await ada.list(nowhere)).toEqual([])
      expect(await store.organizationIds()).not.toContain(nowhere)
      await store.close()
    })

    test('with the same name are stored once if several requests save them at the same time', async () => {
      const store = await opened()
      const attempts = Array.from({ length: 5 }, () =>
        as(store, 'ada', auditor).save(ORGANIZATION, DELETIONS),
      )
      const done = await Promise.allSettled(attempts)
      expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(await as(store, 'ada', auditor).list(ORGANIZATION)).toHaveLength(1)
      await store.close()
    })
  })
}
