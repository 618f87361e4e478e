// Messages about permission sets that have no effect: their names are probably mistyped.

import { accessScopeOf, KNOWN_PERMISSION_SETS } from '../visibility.ts'

/** Whether these sets show events; otherwise the Organization is treated as if it did not exist. */
export function showEvents(permissionSets: readonly string[]): boolean {
  return accessScopeOf({ organizationId: '', owner: false, permissionSets }).events
}

/** A note for each unknown set, or one note if all together show no events. */
export function permissionSetNotes(permissionSets: readonly string[]): string[] {
  const unknown = permissionSets.filter(name => !KNOWN_PERMISSION_SETS.includes(name))
  if (unknown.length > 0) {
    return unknown.map(
      name =>
        `note: ${name} shows nothing here; the most similar permission set that does is ${nearest(name, KNOWN_PERMISSION_SETS)}`,
    )
  }
  if (permissionSets.length === 0 || showEvents(permissionSets)) return []
  return [`note: ${noEvents(permissionSets)}`]
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
