// Under which names the server answers. A page of some other site can make its own name mean this machine, and its
// visitors' browsers then take the server for that site; but it cannot make them send another Host. An address in
// place of a name is always right, as no site's name is one.

import { isIP } from 'node:net'
import { quoted } from '../errors.ts'
import type { Reply } from './exchange.ts'
import { refusal } from './refusal.ts'

/** In `allowed`: any name. */
export const ANY_HOST = '*'

/** The refusal of a host that is not served; `null` for one that is. `allowed` in lower case, without ports. */
export type HostRule = (host: string) => Reply | null

export function hostRule(allowed: readonly string[]): HostRule {
  const names: ReadonlySet<string> = new Set(['localhost', ...allowed])
  if (names.has(ANY_HOST)) return () => null
  /** Nearly all requests name the same one. */
  let last = 'localhost'
  return host => {
    if (host === last) return null
    const name = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
    const address = name.startsWith('[') ? name.slice(1, -1) : name
    if (!names.has(name) && isIP(address) === 0) {
      const refused = refusal(
        421,
        'FORBIDDEN',
        `${quoted(name)} is no name of this server; whoever runs it may add it to IAM_LOGS_ALLOWED_HOSTS`,
      )
      return { ...refused, denied: { reason: 'unknown_host', asked: name } }
    }
    last = host
    return null
  }
}
