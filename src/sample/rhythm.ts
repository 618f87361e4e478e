// The amount of activity over time: each hour it begins as many stories as needed to reach the Organization's number of
// events just before the end. The number of events of a story is not known when it begins, so each hour corrects the
// deviation of earlier ones.

import { HOUR, MINUTE, machineWeight, peopleWeight, WEEK } from './calendar.ts'
import type { Company, Story } from './company.ts'
import { machineStory } from './machines.ts'
import { sessionOf, sitting } from './people.ts'

const EVENTS_PER_SITTING = 2.6
const CLOSING = 12 * MINUTE

/** Begins people's and machines' stories from the founding to the end, and closes the history at its last event. */
export function* rhythm(company: Company): Story {
  const { random, size, foundedAt, until } = company
  const shareOfPeople = Math.min(0.6, Math.max(0.25, 0.9 - 0.1 * Math.log10(size.events)))
  const eventsPerMachine = 2 + 0.75 * size.run
  while (until - CLOSING - company.now > HOUR) {
    // A surplus or deficit of events is corrected within a week, so that no night becomes unrealistically busy.
    const horizon = Math.min(until, company.now + WEEK)
    const passed = (horizon - foundedAt) / (until - foundedAt)
    // The company grows, and so does its activity.
    const wanted = size.events * (0.4 * passed + 0.6 * passed ** 2) - company.recorded
    const perHour = (wanted * HOUR) / (horizon - company.now)
    const sittings = (perHour * shareOfPeople * peopleWeight(company.now)) / EVENTS_PER_SITTING
    const runs = (perHour * (1 - shareOfPeople) * machineWeight(company.now)) / eventsPerMachine
    for (let due = sittings; random.fraction() < due; due -= 1) {
      company.begin(sitting(company), random.below(HOUR))
    }
    for (let due = runs; random.fraction() < due; due -= 1) {
      company.begin(machineStory(company), random.below(HOUR))
    }
    yield HOUR
  }
  yield until - CLOSING - company.now
  yield* closing(company)
}

/** Adds the remaining events near the end, evenly over the remaining time. */
function* closing(company: Company): Story {
  const { random, size, lists, owner } = company
  while (company.recorded < size.events) {
    const missing = size.events - company.recorded
    const gap = ((company.until - company.now) / (missing + 1)) * (0.3 + 0.7 * random.fraction())
    yield Math.max(1, Math.floor(gap))
    company.update(sessionOf(company, owner), random.pick([...lists.group, ...lists.application]))
  }
}
