// Reads an Organization's directory from Scaleway into the archive: users, applications, groups, policies with their
// rules, and API keys. If a list is forbidden or keeps changing, the known entries of its kind remain unchanged:
// entries are removed only after a complete list.

import type { DirectoryEntry, Group, ListedKind, Policy } from '../principal.ts'
import type { AuditStore } from '../store.ts'
import { type Page, type ScalewayClient, ScalewayError, ScalewayUnavailable } from './client.ts'
import { type CompleteList, MAX_DURATION, readCompleteList } from './complete-list.ts'
import { isObject } from './fields.ts'
import { LISTS, type ListName, PAGE_SIZE } from './lists.ts'
import { decodeListing, decodeRules } from './wire.ts'

export interface DirectorySync {
  readonly written: number
  readonly removed: number
  /** One line for each list that the API key may not read. */
  readonly forbidden: readonly string[]
  /** Why some lists could not be read now; `null`: all could. */
  readonly unavailable: ScalewayUnavailable | null
  /** Empty if groups, users or applications could not be read. */
  readonly groups: readonly Group[]
}

const KINDS: readonly (readonly [ListName, ListedKind])[] = [
  ['users', 'user'],
  ['applications', 'application'],
  ['groups', 'group'],
  ['policies', 'policy'],
  ['api-keys', 'api_key'],
]

/** `note` is called with a line for each list that could not be read, and each item that was skipped. */
export async function syncDirectory(
  client: ScalewayClient,
  store: AuditStore,
  organizationId: string,
  note: (line: string) => void,
): Promise<DirectorySync> {
  let written = 0
  let removed = 0
  let groups: readonly Group[] = []
  let unavailable: ScalewayUnavailable | null = null
  const forbidden: string[] = []
  const unread = new Set<ListName>()
  const deadline = performance.now() + MAX_DURATION

  for (const [name, kind] of KINDS) {
    const { key } = LISTS[name]
    // If Scaleway does not respond, the remaining lists are not requested.
    const list: CompleteList | null =
      unavailable === null
        ? await readList(`the list of ${key}`, page => client.list(name, organizationId, page))
        : null
    if (list === null) {
      unread.add(name)
      continue
    }
    if (!list.settled)
      note(`the list of ${key} changed while it was read; no entry counts as removed`)
    const decoded = decodeListing({ [key]: list.items }, organizationId)
    if (!('value' in decoded)) throw new Error(`${decoded.field} ${decoded.problem}`)
    const { listings, problems } = decoded.value
    for (const { field, problem } of problems) note(`${field} is left out: it ${problem}`)
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
    const before = forbidden.length
    let readable = true
    for (const policy of policies) {
      const rules: CompleteList | null = readable
        ? await readList(`the rules of policy ${policy.id}`, page => client.rules(policy.id, page))
        : null
      readable = forbidden.length === before && unavailable === null
      found.push({ ...(policy as Policy), permissionSets: granted(policy, rules) })
    }
    return found
  }

  function granted(policy: DirectoryEntry, rules: CompleteList | null): readonly string[] | null {
    if (!rules?.settled) return null
    const { permissionSets, problems } = decodeRules(rules.items, organizationId)
    for (const { field, problem } of problems) {
      note(`${field} of policy ${policy.id} grants nothing here: it ${problem}`)
    }
    return permissionSets
  }

  /** `null` if the list does not exist, cannot be read now, or, after a note, is forbidden. */
  async function readList(
    what: string,
    ask: (page: number) => Promise<Page>,
  ): Promise<CompleteList | null> {
    const { received } = client
    try {
      const reading = { what: `${what} of Organization ${organizationId}`, received, deadline }
      return await readCompleteList(ask, { ...reading, pageSize: PAGE_SIZE, keyOf, twice: true })
    } catch (error) {
      if (error instanceof ScalewayUnavailable) {
        unavailable = error
        return null
      }
      if (!(error instanceof ScalewayError)) throw error
      // A policy may have been deleted before its rules are read.
      if (error.status === 404) return null
      if (error.status !== 403) throw error
      forbidden.push(error.message)
      note(error.message)
      return null
    }
  }
}

function keyOf(item: unknown): string {
  const { id, access_key: accessKey } = isObject(item) ? item : {}
  const key = id ?? accessKey
  return typeof key === 'string' ? key : JSON.stringify(item)
}
