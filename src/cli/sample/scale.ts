// How a sample history grows with the number of its events: a few are some months of a small company, ten
// million are years of a large one.

import type { Size } from './company.ts'

/** One Organization has most of the events, each further one fewer; together exactly `events`. */
export function sharesOf(events: number, organizations: number): number[] {
  const weights = Array.from({ length: organizations }, (_, place) => 1 / (place + 1) ** 1.8)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const shares = weights.map(weight => Math.floor((events * weight) / sum))
  const given = shares.reduce((total, share) => total + share, 0)
  return shares.map((share, place) => (place === 0 ? share + events - given : share))
}

/** Eighteen months of a small company; three years, as long as Scaleway keeps IAM logs, of a large one. */
export function historyDays(events: number): number {
  return Math.floor(Math.min(1090, 545 + 200 * Math.max(0, Math.log10(events / 20_000))))
}

/** How large a company with so many events becomes: people and applications grow slower than what they do. */
export function sizeOf(events: number): Size {
  const people = Math.max(3, Math.round(0.33 * events ** 0.42))
  return {
    events,
    people,
    applications: 4 + Math.round(1.3 * people),
    groups: 5 + Math.round(people / 4),
    policies: 5 + Math.round(0.9 * people),
    run: Math.round(Math.min(24, Math.max(3, 1.7 * Math.log(Math.max(1, events / 150))))),
  }
}
