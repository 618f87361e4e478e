// Look-ups by key over one viewer's reader: what many fields ask for one by one is read by one statement. Made anew
// for each request: what they remember is what this viewer may see, and must not outlive it.

import DataLoader from 'dataloader'
import type { RecordedEvent } from '../event.ts'
import type { Organization } from '../organization.ts'
import {
  type DirectoryKey,
  type DirectoryMoment,
  type Principal,
  principalFor,
} from '../principal.ts'
import type { Awaitable, LogReader } from '../store.ts'

/** More keys than this become a second statement. */
const LARGEST_BATCH = 1000

export type Loaders = ReturnType<typeof createLoaders>

/** `within`: of what `log` reads, the part that is one Organization's. */
export function createLoaders(log: LogReader, within: (organizationId: string) => LogReader) {
  const { scalewayIds } = log
  const loaders = {
    /** Users, applications, groups, policies and API keys: principals and named resources come in one batch. */
    entry: batch((keys: readonly DirectoryKey[]) => log.directory(keys), nameOfKey),
    /** What they were called at an instant. */
    entryAt: batch(
      (wanted: readonly DirectoryMoment[]) => log.namesAt(wanted),
      key => `${key.at} ${nameOfKey(key)}`,
    ),
    acted: batch((keys: readonly DirectoryKey[]) => log.hasActed(keys), nameOfKey),
    entryById: batch((ids: readonly string[]) => log.directoryById(ids)),
    actedIn: batch((ids: readonly string[]) => log.actedInById(ids)),
    eventById: batch((ids: readonly string[]) => log.eventsById(ids)),
    eventIn: batch((keys: readonly DirectoryKey[]) => eventsIn(within, keys), nameOfKey),
    organization: batch((ids: readonly string[]) => log.organizationsById(ids)),
  }
  return {
    ...loaders,
    /**
     * Who stands behind a principal ID, as far as the viewer may know. Always a promise: where one principal of a list
     * were answered at once and another later, an error beside them would leave the later one's rejection unhandled.
     */
    async principal(key: DirectoryKey): Promise<Principal> {
      const found = scalewayIds.always.has(key.id) ? null : await loaders.entry.load(key)
      return principalFor(key, found, scalewayIds)
    },
    /** The same; `null` for an ID that neither acted nor names anyone the viewer may see. */
    async knownPrincipal(key: DirectoryKey): Promise<Principal | null> {
      const [entry, acted] = await Promise.all([loaders.entry.load(key), loaders.acted.load(key)])
      const principal = principalFor(key, entry, scalewayIds)
      return acted || principal === entry ? principal : null
    },
    /** Of its own Organization, also where another has an event with the same ID. */
    async event(key: DirectoryKey): Promise<RecordedEvent | null> {
      const event = await loaders.eventById.load(key.id)
      if (event === null || event.organizationId === key.organizationId) return event
      return loaders.eventIn.load(key)
    },
    /** With its ID alone where the viewer may not see its events. */
    organizationOrId: async (id: string): Promise<Organization> =>
      (await loaders.organization.load(id)) ?? { id, name: null },
    /** What is looked up from now on is read anew. */
    forget(): void {
      for (const loader of Object.values(loaders)) loader.clearAll()
    },
  }
}

/** One statement for each Organization. */
async function eventsIn(
  within: (organizationId: string) => LogReader,
  keys: readonly DirectoryKey[],
): Promise<(RecordedEvent | null)[]> {
  const events = new Map<DirectoryKey, RecordedEvent | null>()
  for (const [organizationId, own] of Map.groupBy(keys, key => key.organizationId)) {
    const found = await within(organizationId).eventsById(own.map(({ id }) => id))
    for (const [at, key] of own.entries()) events.set(key, found[at] ?? null)
  }
  return keys.map(key => events.get(key) ?? null)
}

function batch<Key, Value>(
  read: (keys: readonly Key[]) => Awaitable<readonly Value[]>,
  cacheKeyFn: (key: Key) => unknown = key => key,
) {
  return new DataLoader(async (keys: readonly Key[]) => read(keys), {
    maxBatchSize: LARGEST_BATCH,
    cacheKeyFn,
  })
}

function nameOfKey({ organizationId, id }: DirectoryKey): string {
  return `${organizationId} ${id}`
}
