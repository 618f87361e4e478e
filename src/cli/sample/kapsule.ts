// What Scaleway does for a sample Organization's Kapsule clusters: a group, a policy and an application for
// every node, made and taken away by Scaleway itself. The nodes are in the log, but listed to nobody.

import type { Story } from './agenda.ts'
import { DAY, MINUTE, SECOND } from './calendar.ts'
import {
  type Application,
  type Company,
  create,
  createKey,
  createListed,
  remove,
  removeHolder,
  SCALEWAY,
  update,
} from './company.ts'
import { application } from './machines.ts'

/** Kapsule clusters, one after another, for ever; the larger the company, the more often. */
export function* clusters(company: Company): Story {
  const { agenda, random, size } = company
  const interval = (200 * DAY) / (size.events / 1000) ** 0.35
  for (;;) {
    yield Math.floor(interval * (0.4 + 1.2 * random.fraction()))
    agenda.begin(cluster(company), 0)
  }
}

/** Scaleway makes a group, a policy and an application for every node, and takes them away with the cluster. */
function* cluster(company: Company): Story {
  const { random } = company
  const name = `kapsule-${random.uuid().slice(0, 8)}`
  const group = createListed(company, SCALEWAY, 'group', name, company.apart)
  yield random.between(20_000, 200_000)
  const policy = createListed(company, SCALEWAY, 'policy', name, company.apart)
  const nodes: Application[] = []
  for (let scalings = random.between(2, 5); scalings > 0; scalings -= 1) {
    for (let added = random.between(1, 3); added > 0; added -= 1) {
      yield random.between(MINUTE, 3 * MINUTE)
      const node = create(company, SCALEWAY, application(company, 'node', `${name}-node`))
      createKey(company, SCALEWAY, node)
      update(company, SCALEWAY, group)
      nodes.push(node)
    }
    yield random.between(2 * DAY, 20 * DAY)
    const node = nodes.length > 1 ? nodes.shift() : undefined
    if (node !== undefined) removeHolder(company, SCALEWAY, node)
  }
  for (const node of nodes) {
    removeHolder(company, SCALEWAY, node)
    yield random.between(SECOND, MINUTE)
  }
  remove(company, SCALEWAY, policy)
  remove(company, SCALEWAY, group)
}
