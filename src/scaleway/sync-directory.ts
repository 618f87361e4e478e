// Reads an Organization's directory from Scaleway into the archive: users, applications, groups, policies with their
// rules, and API keys. If a list is forbidden or keeps changing, the known entries of its kind remain unchanged:
// entries are removed only after a complete list.

import type { DirectoryEntry, Group, Policy } from '../principal.ts'
import type { DirectoryChanges } from '../store.ts'
import { type Page, ScalewayError, ScalewayUnavailable } from './client.ts'
import { type CompleteList, MAX_DURATION, readCompleteList } from './complete-list.ts'
import { type DirectoryList, keyOf } from './lists.ts'
import type { SyncOptions } from './sync-events.ts'
import { DIRECTORY_LISTS, decodeEntries, decodeRules } from './wire.ts'

export interface DirectorySync extends DirectoryChanges {
  /** The number of lists that the API key may not read. */
  readonly forbidden: number
  /** Why some lists could not be read now; `null`: all could. */
  readonly unavailable: ScalewayUnavailable | null
  /** Empty if groups, users or applications could not be read. */
  readonly groups: readonly Group[]
}

/** Notes each list that could not be read, and each item that was skipped. */
export async function syncDirectory(options: SyncOptions): Promise<DirectorySync> {
  const { client, store, organizationId, report } = options
  let written = 0
  let removed = 0
  let groups: readonly Group[] = []
  let unavailable: ScalewayUnavailable | null = null
  let forbidden = 0
  const unread = new Set<DirectoryList>()
  const deadline = performance.now() + MAX_DURATION

  for (const name of DIRECTORY_LISTS) {
    const what = `the list of ${keyOf(name)}`
    const list = await readList(what, page => client.list(name, organizationId, page))
    if (list === null) {
      unread.add(name)
      continue
    }
    if (!list.settled) report.note(`${what} changed while it was read; no entry counts as removed`)
    const { kind, listings, problems } = decodeEntries(name, list.items, organizationId)
    for (const { field, problem } of problems) report.note(`${field} is left out: it ${problem}`)
    const entries = listings.flatMap(listing => listing.entries)
    // If users or applications could not be listed, a missing key may be hidden: it must not be deleted.
    const mayBePartial = name === 'api-keys' && (unread.has('users') || unread.has('applications'))
    const changes = await store.updateDirectory({
      organizationId,
      kind,
      entries: kind === 'policy' ? await withRules(entries) : entries,
      complete: list.settled && problems.length === 0 && !mayBePartial,
    })
    written += changes.written
    removed += changes.removed
    if (kind === 'group') groups = entries.filter(entry => entry.kind === 'group')
  }
  // Without all users and applications it is not known which ID belongs to neither.
  const knowsAll = !unread.has('users') && !unread.has('applications')
  return { written, removed, forbidden, unavailable, groups: knowsAll ? groups : [] }

  /** Adds the permission sets that their rules grant; `null` if the rules could not be read. */
  async function withRules(policies: readonly DirectoryEntry[]): Promise<DirectoryEntry[]> {
    const found: DirectoryEntry[] = []
    const before = forbidden
    for (const policy of policies) {
      const { id } = policy
      // If the rules of one policy are forbidden, those of the others are, too.
      const rules =
        forbidden === before
          ? await readList(`the rules of policy ${id}`, page => client.rules(id, page))
          : null
      found.push({ ...(policy as Policy), permissionSets: granted(policy, rules) })
    }
    return found
  }

  function granted(policy: DirectoryEntry, rules: CompleteList | null): readonly string[] | null {
    if (!rules?.settled) return null
    const { permissionSets, problems } = decodeRules(rules.items, organizationId)
    for (const { field, problem } of problems) {
      report.note(`${field} of policy ${policy.id} grants nothing here: it ${problem}`)
    }
    return permissionSets
  }

  /**
   * `null` if the list does not exist, cannot be read now, or, after a note, is forbidden. If Scaleway does not respond,
   * the remaining lists are not requested.
   */
  async function readList(
    what: string,
    ask: (page: number) => Promise<Page>,
  ): Promise<CompleteList | null> {
    if (unavailable !== null) return null
    const { received } = client
    try {
      const reading = { what: `${what} of Organization ${organizationId}`, received, deadline }
      return await readCompleteList(ask, { ...reading, twice: true })
    } catch (error) {
      if (error instanceof ScalewayUnavailable) {
        unavailable = error
        return null
      }
      if (!(error instanceof ScalewayError)) throw error
      // A policy may have been deleted before its rules are read.
      if (error.status === 404) return null
      if (error.status !== 403) throw error
      forbidden++
      report.note(error.message)
      return null
    }
  }
}
