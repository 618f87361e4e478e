// Rights in an Organization: the options for them, how commands show them, and notes about rights that show nothing:
// probably a mistake, such as a mistyped name.

import { InvalidArgumentError } from 'commander'
import { shownAddress } from '../storage/database-address.ts'
import type { Grant } from '../viewer.ts'
import { accessScopeOf, KNOWN_PERMISSION_SETS } from '../visibility.ts'
import { gathered, uuid } from './command.ts'
import type { CliCommand } from './help.ts'

export interface RightsOptions {
  readonly organization: readonly string[]
  readonly owner?: true
  readonly permissionSet?: readonly string[]
}

/** Adds the options for rights in an Organization. */
export function withRights(command: CliCommand): CliCommand {
  return command
    .requiredOption(
      '--organization <id>',
      'Organization of the rights; can be repeated',
      gathered(uuid),
    )
    .option('--owner', 'gives access to everything in the Organization')
    .option(
      '--permission-set <name...>',
      `gives access to what these Scaleway permission sets show; supported: ${KNOWN_PERMISSION_SETS.join(', ')}`,
      gathered(permissionSet),
    )
}

/** Checks only the form: the list of Scaleway's permission sets is not known here. */
export function permissionSet(name: string): string {
  if (!/^[A-Za-z][A-Za-z0-9]{0,99}$/.test(name)) {
    throw new InvalidArgumentError('Give the name of a permission set, such as IAMReadOnly')
  }
  return name
}

export function grantText(grant: Grant): string {
  return `${grant.organizationId}: ${rightsOf(grant)}`
}

function rightsOf(grant: Grant): string {
  if ('principalId' in grant) return `as ${grant.principalId}`
  return grant.owner ? 'owner' : grant.permissionSets.join(' ')
}

/** Reports a grant that shows nothing yet: probably a mistake, but allowed. */
export function noteUnknownOrganization(id: string, database: string): void {
  process.stderr.write(`note: Organization ${id} is not in ${shownAddress(database)} yet\n`)
}

/** Whether these sets show events; otherwise the Organization is treated as if it did not exist. */
export function showEvents(permissionSets: readonly string[]): boolean {
  return accessScopeOf({ owner: false, permissionSets }).has('events')
}

/** Reports each unknown set, or that all together show no events. */
export function notePermissionSets(permissionSets: readonly string[]): void {
  const unknown = permissionSets.filter(name => !KNOWN_PERMISSION_SETS.includes(name))
  for (const name of unknown) {
    const similar = nearest(name, KNOWN_PERMISSION_SETS)
    process.stderr.write(
      `note: ${name} shows nothing here; the most similar permission set that does is ${similar}\n`,
    )
  }
  if (permissionSets.length > 0 && unknown.length === 0 && !showEvents(permissionSets)) {
    process.stderr.write(`note: ${noEvents(permissionSets)}\n`)
  }
}

/** For sets that show no events together. */
export function noEvents(permissionSets: readonly string[]): string {
  const showing = KNOWN_PERMISSION_SETS.filter(name => showEvents([name]))
  const unknown = permissionSets.find(name => !KNOWN_PERMISSION_SETS.includes(name))
  const one = unknown === undefined ? 'AuditTrailReadOnly' : nearest(unknown, showing)
  return `${permissionSets.join(', ')}: show no events; add one that does, such as ${one}`
}

/** The most similar name, by the share of common pairs of letters. */
function nearest(name: string, among: readonly string[]): string {
  const pairs = pairsOf(name)
  const similarity = (other: string) => {
    const others = pairsOf(other)
    const shared = [...pairs].filter(pair => others.has(pair)).length
    return shared / (pairs.size + others.size)
  }
  return among.reduce((best, one) => (similarity(one) > similarity(best) ? one : best))
}

function pairsOf(text: string): ReadonlySet<string> {
  const lower = text.toLowerCase()
  return new Set(Array.from(lower, (_, at) => lower.slice(at, at + 2)))
}
