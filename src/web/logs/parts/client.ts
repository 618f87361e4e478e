// What a user agent says in few words, as "Firefox 142 on Linux" or "scaleway-cli 2.34.0". Nobody checked it: it is
// what the client says of itself, and the whole of it stands in More info.

import Bowser from 'bowser'

export function clientOf(userAgent: string): string {
  const known = clients.get(userAgent)
  if (known !== undefined) return known
  if (clients.size >= 500) clients.clear()
  const client = read(userAgent)
  clients.set(userAgent, client)
  return client
}

/** As much of it as the graph filters by. */
export function asFilter(userAgent: string): string {
  return userAgent.slice(0, 256)
}

/** To read one takes longer than to draw its row, and most events are of few clients. */
const clients = new Map<string, string>()

function read(userAgent: string): string {
  if (!userAgent.startsWith('Mozilla/')) return programIn(userAgent)
  const { browser, os } = Bowser.parse(userAgent)
  const name = [browser.name, browser.version?.split('.')[0]].filter(Boolean).join(' ')
  return [name || programIn(userAgent), os.name].filter(Boolean).join(' · ')
}

/** The first product that is named, with its version; of a program that uses an SDK, the program. */
function programIn(userAgent: string): string {
  const products = userAgent
    .replaceAll(/\([^)]*\)/g, ' ')
    .trim()
    .split(/\s+/)
  const [first = userAgent] = products
  const product = first.includes('sdk')
    ? (products.findLast(text => text.includes('/')) ?? first)
    : first
  const [name, version] = product.split('/')
  return version ? `${name} ${version.replace(/^v(?=\d)/, '')}` : product
}
