// Look-ups by key over one viewer's reader: what many fields ask for one by one is read by one statement. Made anew
// for each request: what they remember is what this viewer may see, and must not outlive it.

import DataLoader from 'dataloader'
import type { RecordedEvent } from '../event.ts'
import type { Organization } from '../organization.ts'
import {
  type DirectoryEntry,
  type DirectoryKey,
  type DirectoryMoment,
  type NamedEntry,
  type Principal,
  principalFor,
} from '../principal.ts'
import type { Awaitable, LogReader } from '../store.ts'

/** More keys than this become a second statement. */
const LARGEST_BATCH = 1000

export interface Loaders {
  /** Users, applications, groups, policies and API keys: principals and named resources come in one batch. */
  readonly entry: DataLoader<DirectoryKey, DirectoryEntry | null, string>
  /** What they were called at an instant. */
  readonly entryAt: DataLoader<DirectoryMoment, NamedEntry | null, string>
  readonly entryById: DataLoader<string, DirectoryEntry | null>
  readonly acted: DataLoader<DirectoryKey, boolean, string>
  readonly actedIn: DataLoader<string, string | null>
  readonly event: DataLoader<string, RecordedEvent | null>
  readonly organization: DataLoader<string, Organization | null>
  /**
   * Who stands behind a principal ID, as far as the viewer may know. Always a promise: where one principal of a list
   * were answered at once and another later, an error beside them would leave the later one's rejection unhandled.
   */
  principal(key: DirectoryKey): Promise<Principal>
  /** What is looked up from now on is read anew. */
  forget(): void
}

export function createLoaders(log: LogReader): Loaders {
  const keyed = [
    batch((keys: readonly DirectoryKey[]) => log.directory(keys), nameOfKey),
    batch(
      (wanted: readonly DirectoryMoment[]) => log.namesAt(wanted),
      key => `${key.at} ${nameOfKey(key)}`,
    ),
    batch((keys: readonly DirectoryKey[]) => log.hasActed(keys), nameOfKey),
  ] as const
  const [entry, entryAt, acted] = keyed
  const byId = {
    entryById: batch(
      (ids: readonly string[]) => log.directoryById(ids),
      id => id,
    ),
    actedIn: batch(
      (ids: readonly string[]) => log.actedInById(ids),
      id => id,
    ),
    event: batch(
      (ids: readonly string[]) => log.eventsById(ids),
      id => id,
    ),
    organization: batch(
      (ids: readonly string[]) => log.organizationsById(ids),
      id => id,
    ),
  }
  return {
    ...{ entry, entryAt, acted, ...byId },
    async principal(key) {
      const { scalewayIds } = log
      const found = scalewayIds.always.has(key.id) ? null : await entry.load(key)
      return principalFor(key, found, scalewayIds)
    },
    forget() {
      for (const loader of [...keyed, ...Object.values(byId)]) loader.clearAll()
    },
  }
}

function batch<Key, Value>(
  read: (keys: readonly Key[]) => Awaitable<readonly Value[]>,
  cacheKeyFn: (key: Key) => string,
): DataLoader<Key, Value, string> {
  return new DataLoader<Key, Value, string>(async keys => read(keys), {
    maxBatchSize: LARGEST_BATCH,
    cacheKeyFn,
  })
}

function nameOfKey({ organizationId, id }: DirectoryKey): string {
  return `${organizationId} ${id}`
}
