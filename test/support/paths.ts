// Random paths of exports, feeds and for operators, with random filters. The same seed makes the same path.

import { ACTIONS, CATEGORIES } from '../../src/event.ts'
import { type Random, random } from '../../src/sample/random.ts'
import { FILTER_NAMES, type FilterName } from '../../src/schema/filter-text.ts'
import { EXPORT_FORMATS } from '../../src/transfer/export-formats.ts'
import type { Values } from './operations.ts'

/** The endings of the paths of exports. */
export const EXPORT_ENDINGS = EXPORT_FORMATS.map(({ extension }) => extension)

/** The feed has the formats without a header, too. */
export const FEED_ENDINGS = [
  ...['', '.json'],
  ...EXPORT_FORMATS.filter(({ header }) => header === '').map(({ extension }) => extension),
]

export function pathFrom(values: Values, organizationIds: readonly string[], seed: number): string {
  const chance = random(seed)
  const one = <T>(of: readonly T[]): T => chance.pick(of)
  const organization = one(organizationIds)
  const query = new URLSearchParams()
  const own = (name: string, among: readonly string[]) => {
    if (chance.below(3) === 0) query.set(name, one(among))
  }
  for (const name of FILTER_NAMES) {
    if (chance.below(4) === 0) query.set(name, filterValue(name, values, chance))
  }
  switch (chance.below(12)) {
    case 0:
      return one(['/health/ready', '/health/live', '/metrics', `/nowhere/${organization}`])
    case 1:
    case 2:
    case 3:
    case 4:
      own('after', values.cursors)
      own('limit', ['1', '7', '1000', '0'])
      return `/feed/${organization}${one(FEED_ENDINGS)}?${query}`
    default:
      own('snapshot', values.cursors)
      if (query.has('snapshot')) own('after', values.ids)
      return `/export/${organization}${one([...EXPORT_ENDINGS, '.zip'])}?${query}`
  }
}

/** The values of each condition. */
export function filterValues(name: FilterName, values: Values): readonly string[] {
  switch (name) {
    case 'createdAfter':
      return values.dates.slice(0, 2)
    case 'createdBefore':
      return values.dates.slice(2)
    case 'actions':
    case 'notActions':
      return ACTIONS.map(word => word.toUpperCase())
    case 'categories':
    case 'notCategories':
      return CATEGORIES.map(word => word.toUpperCase())
    case 'principalIds':
    case 'resourceIds':
    case 'notPrincipalIds':
      return values.ids.slice(0, 14)
    case 'ipAddresses':
    case 'notIpAddresses':
      return values.addresses
    case 'userAgent':
    case 'userAgents':
    case 'notUserAgents':
      return values.texts.slice(0, -1)
  }
}

/** One of them, or several if the condition is a list. */
function filterValue(name: FilterName, values: Values, chance: Random): string {
  const all = filterValues(name, values)
  const isSingle = /^created|userAgent/i.test(name)
  const length = isSingle ? 1 : 1 + chance.below(3)
  return Array.from({ length }, () => chance.pick(all)).join()
}
