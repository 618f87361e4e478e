// What is said of permission sets that show nothing: most likely their names are mistyped.

import { accessScopeOf, KNOWN_PERMISSION_SETS } from '../visibility.ts'

/** Whether a holder of these sees events; without them, an Organization is not there. */
export function showEvents(permissionSets: readonly string[]): boolean {
  return accessScopeOf({ organizationId: '', owner: false, permissionSets }).events
}

/** A line for each that shows nothing, or one for all where they show no events together. */
export function permissionSetNotes(permissionSets: readonly string[]): string[] {
  const unknown = permissionSets.filter(name => !KNOWN_PERMISSION_SETS.includes(name))
  if (unknown.length > 0) {
    return unknown.map(
      name =>
        `note: ${name} shows nothing here; the nearest that does is ${nearest(name, KNOWN_PERMISSION_SETS)}`,
    )
  }
  if (permissionSets.length === 0 || showEvents(permissionSets)) return []
  return [`note: ${noEvents(permissionSets)}`]
}

/** Why nothing is seen by who holds these, and what to do. */
export function noEvents(permissionSets: readonly string[]): string {
  const showing = KNOWN_PERMISSION_SETS.filter(name => showEvents([name]))
  const slip = permissionSets.find(name => !KNOWN_PERMISSION_SETS.includes(name))
  const one = slip === undefined ? 'AuditTrailReadOnly' : nearest(slip, showing)
  return `${permissionSets.join(', ')}: show no events; add one that does, such as ${one}`
}

/** The one that shares the most pairs of letters with a name. */
function nearest(name: string, among: readonly string[]): string {
  const pairs = pairsOf(name)
  const likeness = (other: string) => {
    const others = pairsOf(other)
    const shared = [...pairs].filter(pair => others.has(pair)).length
    return shared / (pairs.size + others.size)
  }
  return among.reduce((best, one) => (likeness(one) > likeness(best) ? one : best))
}

function pairsOf(text: string): ReadonlySet<string> {
  const lower = text.toLowerCase()
  return new Set(Array.from(lower, (_, at) => lower.slice(at, at + 2)))
}
