// Look-ups by key, which batch the keys of many fields into one statement. Created per request: they cache what this
// viewer may see.

import DataLoader from 'dataloader'
import { Unavailable } from '../errors.ts'
import type { Awaitable, LogReader, Organization } from '../log-reader.ts'
import {
  type DirectoryKey,
  type DirectoryMoment,
  type Principal,
  principalFor,
} from '../principal.ts'

/** Keys per statement. */
const LARGEST_BATCH = 1000

export function createLoaders(log: LogReader) {
  const { scalewayIds } = log
  const loaders = {
    /** Users, applications, groups, policies and API keys, so that principals and resources are one batch. */
    entry: batch(log.directory),
    /** With their names at an instant. */
    entryAt: batch(log.namesAt),
    apiKeys: batch(log.apiKeys),
    acted: batch(log.hasActed),
    entryById: batch(log.directoryById),
    actedIn: batch(log.actedInById),
    eventById: batch(log.eventsById),
    /** In the given Organization, because another one may have an event with the same ID. */
    event: batch(log.eventsByKey),
    organization: batch(log.organizationsById),
  }
  return {
    ...loaders,
    /** The principal with an ID; Unknown if the viewer may not see it. */
    async principal(key: DirectoryKey): Promise<Principal> {
      const found = scalewayIds.always.has(key.id) ? null : await loaders.entry.load(key)
      return principalFor(key, found, scalewayIds)
    },
    /** Like `principal`; `null` if it never acted and is not a User or Application that the viewer may see. */
    async knownPrincipal(key: DirectoryKey): Promise<Principal | null> {
      const [entry, acted] = await Promise.all([loaders.entry.load(key), loaders.acted.load(key)])
      const principal = principalFor(key, entry, scalewayIds)
      return acted || principal === entry ? principal : null
    },
    /** Only with its ID if the viewer may not see its events, or they are unavailable. */
    async organizationOrId(id: string): Promise<Organization> {
      const nameless = { id, name: null }
      try {
        return (await loaders.organization.load(id)) ?? nameless
      } catch (error) {
        if (error instanceof Unavailable) return nameless
        throw error
      }
    },
    /** Clears the caches. */
    forget(): void {
      for (const loader of Object.values(loaders)) loader.clearAll()
    },
  }
}

/** If a part of the database is unavailable, reads each Organization separately, so that the others can be returned. */
function batch<Key extends string | DirectoryKey, Value>(
  read: (keys: readonly Key[]) => Awaitable<readonly Value[]>,
) {
  async function readParts(keys: readonly Key[], away: Unavailable): Promise<(Value | Error)[]> {
    const parts = Map.groupBy(keys, key => (typeof key === 'string' ? key : key.organizationId))
    if (parts.size === 1) throw away
    const found = new Map<Key, Value | Error>()
    for (const own of parts.values()) {
      const values = await (async () => read(own))().catch((error: Error) => own.map(() => error))
      for (const [at, key] of own.entries()) found.set(key, values[at] as Value | Error)
    }
    return keys.map(key => found.get(key) as Value | Error)
  }

  return new DataLoader<Key, Value, string>(
    async keys => {
      try {
        return await read(keys)
      } catch (error) {
        if (error instanceof Unavailable) return readParts(keys, error)
        throw error
      }
    },
    { maxBatchSize: LARGEST_BATCH, cacheKeyFn: nameOf },
  )
}

function nameOf(key: string | DirectoryKey | DirectoryMoment): string {
  if (typeof key === 'string') return key
  return `${key.organizationId} ${key.id} ${'at' in key ? key.at : ''}`
}
