// The one thing in a sample history that should not have happened: someone holds a leaked API key, acts
// at night from an address nobody knows, and is shut out in the morning. Something for a reader to find.

import type { Story } from './agenda.ts'
import { atWork, HOUR, isNight, localTime, MINUTE, SECOND } from './calendar.ts'
import { strangeAddress, toolAgent } from './clients.ts'
import { type Company, createKey, removeKey, type Session, update } from './company.ts'
import { anyApplication } from './machines.ts'
import { administrator, sessionOf } from './people.ts'

/** Begin it at the start; it waits for its night by itself. */
export function* intrusion(company: Company, after: number): Story {
  const { random, agenda } = company
  yield after
  while (!isNight(localTime(agenda.now).hour)) yield HOUR
  yield random.below(40 * MINUTE)

  const actor = anyApplication(company, 'service')
  const ipAddress = strangeAddress(random)
  const stranger: Session = { actor, ipAddress, userAgent: toolAgent('curl', 'linux', agenda.now) }
  const foothold = createKey(company, stranger, actor)
  yield random.between(20 * SECOND, 90 * SECOND)
  if (company.policies.length > 0) update(company, stranger, random.pick(company.policies))
  for (let deletions = random.between(6, 14); deletions > 0; deletions -= 1) {
    yield random.between(SECOND, 4 * SECOND)
    const victim = anyApplication(company)
    const key = victim.keys[0]
    if (victim !== actor && key !== undefined) removeKey(company, stranger, victim, key)
  }

  yield atWork(agenda.now + HOUR, random) - agenda.now
  const rescue = sessionOf(company, administrator(company), 'console')
  removeKey(company, rescue, actor, foothold)
  for (const key of actor.keys.slice()) {
    yield random.between(5 * SECOND, 30 * SECOND)
    removeKey(company, rescue, actor, key)
  }
  yield random.between(MINUTE, 6 * MINUTE)
  createKey(company, rescue, actor)
}
