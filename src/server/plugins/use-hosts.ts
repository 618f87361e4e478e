// The host names under which the server responds, against DNS rebinding: another site can make its own name resolve to
// this machine, but cannot make browsers send another Host. IP addresses are always accepted, because no site has an IP
// address as its name.

import { isIP } from 'node:net'
import { quoted } from '../../errors.ts'
import { HttpError } from '../http-error.ts'
import type { Plugin } from '../request-context.ts'
import { answering } from '../routes/route.ts'

/** As a value in `allowed`: any name. */
const ANY_HOST = '*'

/** `allowed` in lower case, without ports. */
export function useHosts(allowed: readonly string[]): Plugin {
  const names: ReadonlySet<string> = new Set(['localhost', ...allowed])
  if (names.has(ANY_HOST)) return {}
  return {
    onRequest: answering(({ request, url }) => {
      const host = request.headers.get('host') ?? url.host
      const name = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
      const address = name.startsWith('[') ? name.slice(1, -1) : name
      if (names.has(name) || isIP(address) !== 0) return undefined
      throw new HttpError(
        421,
        `the host name ${quoted(name)} is not allowed; the operator can add it to IAM_LOGS_ALLOWED_HOSTS`,
        { denied: { reason: 'unknown_host', requested: name } },
      )
    }),
  }
}
