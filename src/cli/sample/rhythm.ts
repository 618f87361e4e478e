// How much happens when: hour by hour it begins as many stories as bring an Organization to its number of
// events just before the end. What a story will still do is not known when it begins, so the hours steer.

import type { Story } from './agenda.ts'
import { pipelineJob, previewEnvironment, rotation, terraformRun } from './automation.ts'
import { HOUR, isNight, localTime, MINUTE, machineWeight, peopleWeight } from './calendar.ts'
import { browserAgent } from './clients.ts'
import { type Company, update } from './company.ts'
import { sitting } from './work.ts'

/** Too many or too few events so far are made up for within a week: nobody works a night through for it. */
const HORIZON = 7 * 24
const EVENTS_PER_SITTING = 2.6
const CLOSING = 12 * MINUTE

/** Begins people's and machines' stories from the founding to the end, and closes the history at its last event. */
export function* rhythm(company: Company): Story {
  const { agenda, random, size } = company
  const plan = planned(company)
  const eventsPerStory = 2 + 0.75 * size.run
  for (let hour = 0; hour < plan.hours; hour += 1) {
    const end = Math.min(hour + HORIZON, plan.hours)
    const ahead = plan.total(end) - plan.total(hour)
    const wanted = size.events * plan.total(end) - company.recorded - company.promised
    const byPeople = (wanted * plan.people(hour)) / ahead
    const byMachines = (wanted * plan.machines(hour)) / ahead
    for (let due = byPeople / EVENTS_PER_SITTING; random.fraction() < due; due -= 1) {
      agenda.begin(sitting(company), random.below(HOUR))
    }
    for (let due = byMachines / eventsPerStory; random.fraction() < due; due -= 1) {
      agenda.begin(machineStory(company), random.below(HOUR))
    }
    const left = company.until - CLOSING - agenda.now
    if (left < HOUR) yield* closing(company, left)
    yield HOUR
  }
}

/** What is still missing when the end is near, evenly over the time that is left. */
function* closing(company: Company, wait: number): Story {
  const { agenda, random, size, owner, groups, applications } = company
  yield wait
  while (company.recorded < size.events) {
    const missing = size.events - company.recorded
    const gap = ((company.until - agenda.now) / (missing + 1)) * (0.3 + 0.7 * random.fraction())
    yield Math.max(1, Math.floor(gap))
    const userAgent = browserAgent(owner.browser, owner.platform, agenda.now - owner.lag)
    const session = { actor: owner, ipAddress: owner.home, userAgent }
    update(
      company,
      session,
      random.pick(random.chance(0.5) ? groups : [...groups, ...applications]),
    )
  }
}

function machineStory(company: Company): Story {
  const { random } = company
  const night = isNight(localTime(company.agenda.now).hour)
  const lot = random.fraction()
  if (lot < (night ? 0.3 : 0.06)) return rotation(company)
  if (lot < 0.33) return pipelineJob(company)
  return lot < 0.71 ? previewEnvironment(company) : terraformRun(company)
}

interface Plan {
  readonly hours: number
  /** The part of all events, from 0 to 1, that people begin in an hour. */
  people(hour: number): number
  machines(hour: number): number
  /** The part of all events that has happened before an hour. */
  total(hour: number): number
}

/** Spreads the events over the hours; the company grows, and machines take over as it does. */
function planned(company: Company): Plan {
  const hours = Math.max(1, Math.ceil((company.until - company.agenda.now) / HOUR))
  const people = new Float64Array(hours)
  const machines = new Float64Array(hours)
  for (let hour = 0; hour < hours; hour += 1) {
    const at = company.agenda.now + hour * HOUR
    const grown = 0.4 + (0.6 * hour) / hours
    people[hour] = grown * peopleWeight(at)
    machines[hour] = grown * machineWeight(at)
  }
  const byPeople = Math.min(0.6, Math.max(0.25, 0.9 - 0.1 * Math.log10(company.size.events)))
  scale(people, byPeople)
  scale(machines, 1 - byPeople)
  const totals = new Float64Array(hours + 1)
  for (let hour = 0; hour < hours; hour += 1) {
    totals[hour + 1] = (totals[hour] ?? 0) + (people[hour] ?? 0) + (machines[hour] ?? 0)
  }
  return {
    hours,
    people: hour => people[hour] ?? 0,
    machines: hour => machines[hour] ?? 0,
    total: hour => totals[hour] ?? 0,
  }
}

/** Makes the weights add up to a sum. */
function scale(weights: Float64Array, sum: number): void {
  const factor = sum / weights.reduce((total, weight) => total + weight, 0)
  weights.forEach((weight, place) => {
    weights[place] = weight * factor
  })
}
