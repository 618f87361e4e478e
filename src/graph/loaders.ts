// One DataLoader per kind of look-up, over one viewer's reader. Made anew for each request: what they
// remember is what this viewer may see, and must not outlive it. A subscription forgets at each event.

import DataLoader from 'dataloader'
import type { RecordedEvent } from '../event.ts'
import type { Organization } from '../organization.ts'
import type { DirectoryEntry, DirectoryKey } from '../principal.ts'
import type { Awaitable, LogReader } from '../store.ts'

export interface Loaders {
  /** Users, applications, groups and policies: principals and named resources come in one batch. */
  readonly entry: DataLoader<DirectoryKey, DirectoryEntry | null, string>
  readonly entryById: DataLoader<string, DirectoryEntry | null>
  readonly acted: DataLoader<DirectoryKey, boolean, string>
  readonly event: DataLoader<string, RecordedEvent | null>
  readonly organization: DataLoader<string, Organization | null>
  /** What is looked up from now on is read anew. */
  forget(): void
}

export function createLoaders(log: LogReader): Loaders {
  const loaders = {
    entry: loader<DirectoryKey, DirectoryEntry | null, string>(keys => log.directory(keys), nameOf),
    entryById: loader<string, DirectoryEntry | null>(ids => log.directoryById(ids)),
    acted: loader<DirectoryKey, boolean, string>(keys => log.hasActed(keys), nameOf),
    event: loader<string, RecordedEvent | null>(ids => log.eventsById(ids)),
    organization: loader<string, Organization | null>(ids => log.organizationsById(ids)),
  }
  return {
    ...loaders,
    forget() {
      for (const one of Object.values(loaders)) one.clearAll()
    },
  }
}

/** More keys than this become a second statement. */
const LARGEST_BATCH = 1000

function loader<Key, Value, Name = Key>(
  read: (keys: readonly Key[]) => Awaitable<Value[]>,
  cacheKeyFn?: (key: Key) => Name,
): DataLoader<Key, Value, Name> {
  return new DataLoader<Key, Value, Name>(async keys => read(keys), {
    maxBatchSize: LARGEST_BATCH,
    ...(cacheKeyFn && { cacheKeyFn }),
  })
}

function nameOf({ organizationId, id }: DirectoryKey): string {
  return `${organizationId} ${id}`
}
