// How much happens when: hour by hour it begins as many stories as bring an Organization to its number of events just
// before the end. What a story will still do is not known when it begins, so the hours steer.

import type { Story } from './agenda.ts'
import { HOUR, MINUTE, machineWeight, peopleWeight } from './calendar.ts'
import type { Company } from './company.ts'
import { machineStory } from './machines.ts'
import { sitting } from './people.ts'

/** Too many or too few events so far are made up for within a week: nobody works a night through for it. */
const HORIZON = 7 * 24
const EVENTS_PER_SITTING = 2.6
const CLOSING = 12 * MINUTE

/** Begins people's and machines' stories from the founding to the end, and closes the history at its last event. */
export function* rhythm(company: Company): Story {
  const { random, size } = company
  const { people, machines, totals } = planned(company)
  const hours = people.length
  for (let hour = 0; hour < hours; hour += 1) {
    const end = totals[Math.min(hour + HORIZON, hours)] ?? 1
    const wanted = size.events * end - company.recorded - company.promised
    const scale = wanted / (end - (totals[hour] ?? 0))
    const sittings = ((people[hour] ?? 0) * scale) / EVENTS_PER_SITTING
    const runs = ((machines[hour] ?? 0) * scale) / (2 + 0.75 * size.run)
    for (let due = sittings; random.fraction() < due; due -= 1) {
      company.begin(sitting(company), random.below(HOUR))
    }
    for (let due = runs; random.fraction() < due; due -= 1) {
      company.begin(machineStory(company), random.below(HOUR))
    }
    const left = company.until - CLOSING - company.now
    if (left < HOUR) {
      yield left
      yield* closing(company)
    }
    yield HOUR
  }
}

/** What is still missing when the end is near, evenly over the time that is left. */
function* closing(company: Company): Story {
  const { random, size, groups, applications } = company
  while (company.recorded < size.events) {
    const missing = size.events - company.recorded
    const gap = ((company.until - company.now) / (missing + 1)) * (0.3 + 0.7 * random.fraction())
    yield Math.max(1, Math.floor(gap))
    company.update(company.ownerAtHome, random.pick([...groups, ...applications]))
  }
}

/** The parts of all events, from 0 to 1, that people and machines begin in each hour, and what is before it. */
function planned(company: Company) {
  const hours = Math.max(1, Math.ceil((company.until - company.now) / HOUR))
  const byPeople = Math.min(0.6, Math.max(0.25, 0.9 - 0.1 * Math.log10(company.size.events)))
  // The company grows, and machines take over as it does.
  const weights = (weight: (at: number) => number, sum: number) => {
    const grown = Float64Array.from({ length: hours }, (_, hour) => {
      return (0.4 + (0.6 * hour) / hours) * weight(company.now + hour * HOUR)
    })
    const factor = sum / grown.reduce((total, one) => total + one, 0)
    return grown.map(one => one * factor)
  }
  const people = weights(peopleWeight, byPeople)
  const machines = weights(machineWeight, 1 - byPeople)
  const totals = new Float64Array(hours + 1)
  for (let hour = 0; hour < hours; hour += 1) {
    totals[hour + 1] = (totals[hour] ?? 0) + (people[hour] ?? 0) + (machines[hour] ?? 0)
  }
  return { people, machines, totals }
}
