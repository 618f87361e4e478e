// A user agent in few words, such as "Firefox 142 · Linux" or "scaleway-cli 2.34.0"; longer if another one would have
// the same name. The user agent is what the client claims and is not verified; More info shows all of it.

import { signal } from '@preact/signals'
import Bowser from 'bowser'
import { visible } from './texts.ts'

/** Different user agents never have the same name. */
export function clientOf(userAgent: string): string {
  const { short, long } = read(userAgent)
  collided.value
  if ((agents.get(short)?.size ?? 0) < 2) return short
  return (agents.get(long)?.size ?? 0) < 2 ? long : visible(userAgent)
}

/** Shortened to the API's limit for a filter. */
export function asFilter(userAgent: string): string {
  return userAgent.slice(0, 256)
}

/** Cached, because parsing takes longer than drawing the row, and most events come from few clients. */
const clients = new Map<string, ReturnType<typeof programIn>>()

/** The user agents of each short name. */
const agents = new Map<string, Set<string>>()

/** Changes when a short name stops being unique. */
const collided = signal(0)

/** How many names are kept distinct at once. */
const MOST = 1_000

function read(userAgent: string) {
  const known = clients.get(userAgent)
  if (known !== undefined) return known
  if (clients.size >= MOST) {
    clients.clear()
    agents.clear()
  }
  const client = userAgent.startsWith('Mozilla/') ? browserIn(userAgent) : programIn(userAgent)
  clients.set(userAgent, client)
  for (const name of new Set([client.short, client.long])) {
    const called = agents.get(name) ?? new Set()
    agents.set(name, called.add(userAgent))
    // Not during rendering.
    if (called.size > 1) queueMicrotask(() => collided.value++)
  }
  return client
}

function browserIn(userAgent: string) {
  const { browser, os } = Bowser.parse(userAgent)
  if (!browser.name) return programIn(userAgent)
  const label = (version: string | undefined, system: string | undefined) =>
    visible([[browser.name, version].filter(Boolean).join(' '), system].filter(Boolean).join(' · '))
  const system = [os.name, os.versionName ?? os.version].filter(Boolean).join(' ')
  return {
    short: label(browser.version?.split('.')[0], os.name),
    long: label(browser.version, system),
  }
}

/** The first product with its version; for a program that uses an SDK, the program. The other products follow. */
function programIn(userAgent: string) {
  const products = userAgent
    .replaceAll(/\([^)]*\)/g, ' ')
    .trim()
    .split(/\s+/)
  const [first = userAgent] = products
  const product = first.includes('sdk')
    ? (products.findLast(text => text.includes('/')) ?? first)
    : first
  const others = products.filter(other => other !== product)
  return {
    short: productLabel(product),
    long: [product, ...others].map(productLabel).join(' · '),
  }
}

function productLabel(product: string): string {
  const [name, version] = product.split('/')
  return visible(version ? `${name} ${version.replace(/^v(?=\d)/, '')}` : product)
}
