// One loader per kind of look-up, over one viewer's reader. Made anew for each request: what they remember is
// what this viewer may see, and must not outlive it. A subscription forgets at each event.

import type { RecordedEvent } from '../event.ts'
import type { Organization } from '../organization.ts'
import type { DirectoryEntry, DirectoryKey, DirectoryMoment, NamedEntry } from '../principal.ts'
import type { LogReader } from '../store.ts'
import { Loader } from './later.ts'

export interface Loaders {
  /** Users, applications, groups and policies: principals and named resources come in one batch. */
  readonly entry: Loader<DirectoryKey, DirectoryEntry | null>
  /** What they were called at an instant. */
  readonly entryAt: Loader<DirectoryMoment, NamedEntry | null>
  readonly entryById: Loader<string, DirectoryEntry | null>
  readonly acted: Loader<DirectoryKey, boolean>
  readonly actedIn: Loader<string, string | null>
  readonly event: Loader<string, RecordedEvent | null>
  readonly organization: Loader<string, Organization | null>
  /** What is looked up from now on is read anew. */
  forget(): void
}

export function createLoaders(log: LogReader): Loaders {
  const loaders = {
    entry: new Loader((keys: readonly DirectoryKey[]) => log.directory(keys), split.key),
    entryAt: new Loader((wanted: readonly DirectoryMoment[]) => log.namesAt(wanted), split.moment),
    entryById: new Loader((ids: readonly string[]) => log.directoryById(ids), split.id),
    acted: new Loader((keys: readonly DirectoryKey[]) => log.hasActed(keys), split.key),
    actedIn: new Loader((ids: readonly string[]) => log.actedInById(ids), split.id),
    event: new Loader((ids: readonly string[]) => log.eventsById(ids), split.id),
    organization: new Loader((ids: readonly string[]) => log.organizationsById(ids), split.id),
  }
  return {
    ...loaders,
    forget() {
      for (const loader of Object.values(loaders)) loader.forget()
    },
  }
}

const split = {
  key: ({ organizationId, id }: DirectoryKey) => [organizationId, id] as const,
  moment: ({ organizationId, id, at }: DirectoryMoment) => [organizationId, `${at} ${id}`] as const,
  id: (id: string) => ['', id] as const,
}
