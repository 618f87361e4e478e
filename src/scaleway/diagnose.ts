// Checks whether Scaleway responds as the sync needs it: reachability, the API key, access to the log and the
// directory, rate limits and the clock. Requests one item of each list, once.

import { clockDiagnostic, type Diagnostic, fault, ok, warning } from '../diagnostic.ts'
import { reasonOf, type ScalewayProfile, send } from './http-client.ts'
import { type List, PERMISSION_SETS } from './lists.ts'

/** Milliseconds per request. */
const TIMEOUT = 10_000

/** The rules of a policy need its ID. */
const NAMES = (Object.keys(PERMISSION_SETS) as List[]).filter(name => name !== 'rules')

interface Answer {
  /** A text: why there was no response. */
  readonly status: number | string
  readonly headers: Headers
  readonly from: number
  readonly to: number
}

export async function inspectScaleway(profile: ScalewayProfile): Promise<Diagnostic[]> {
  const { organizationId, apiUrl, accessKey } = profile
  if (organizationId === null) {
    const remedy = 'set SCW_DEFAULT_ORGANIZATION_ID, or run sync with --organization'
    return [fault('upstream', `no Organization for API key ${accessKey}`, remedy)]
  }
  const first = await ask(profile, 'logs', organizationId)
  if (typeof first.status === 'string') {
    const remedy =
      'check the network, the firewall and SCW_API_URL; if a proxy is required, set HTTPS_PROXY'
    return [fault('upstream', `${apiUrl} does not respond: ${first.status}`, remedy)]
  }
  const reached = `${apiUrl} responds within ${first.to - first.from} ms`
  if (first.status >= 500) {
    const remedy = 'wait; the sync tries again. See https://status.scaleway.com'
    return [warning('upstream', `${reached}, with status ${first.status}`, remedy)]
  }
  const found = [ok('upstream', reached), ...rate(first), ...clock(first)]
  if (first.status === 401) {
    const remedy =
      'check whether it has expired or was deleted; create another, and set SCW_ACCESS_KEY and SCW_SECRET_KEY'
    return [...found, fault('API key', `${accessKey} is not accepted`, remedy)]
  }
  if (first.status === 429) return found
  return [...found, ...(await permissions(profile, organizationId, first))]
}

async function permissions(
  profile: ScalewayProfile,
  organizationId: string,
  ofLogs: Answer,
): Promise<Diagnostic[]> {
  const found: Diagnostic[] = []
  const shown: string[] = []
  for (const name of NAMES) {
    const { status } = name === 'logs' ? ofLogs : await ask(profile, name, organizationId)
    if (status === 200) {
      shown.push(name)
      continue
    }
    const result = `${name} of ${organizationId}: ${status === 403 ? 'not allowed' : status}`
    const remedy =
      status === 403
        ? `give the key's principal the permission set ${PERMISSION_SETS[name]} in the Organization`
        : 'check the Organization ID'
    found.push((name === 'logs' ? fault : warning)('permission', result, remedy))
  }
  if (shown.length === 0) return found
  return [ok('permission', `${profile.accessKey} can read ${shown.join(', ')}`), ...found]
}

function rate({ status, headers }: Answer): Diagnostic[] {
  if (status === 429) {
    const after = headers.get('retry-after')
    const wait = after !== null && /^\d{1,9}$/.test(after) ? `; try again in ${after} s` : ''
    const remedy =
      'send fewer requests from other programs of this Organization, or sync less often (--every)'
    return [warning('rate', `too many requests${wait}`, remedy)]
  }
  const left = headers.get('x-ratelimit-remaining')
  return left !== null && /^\d{1,9}$/.test(left) ? [ok('rate', `${left} requests left`)] : []
}

/** HTTP dates have whole seconds. */
function clock({ headers, from, to }: Answer): Diagnostic[] {
  const date = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(date) ? [] : [clockDiagnostic('Scaleway', date, from - 1000, to)]
}

async function ask(
  profile: ScalewayProfile,
  name: string,
  organizationId: string,
): Promise<Answer> {
  const list = `${name}?organization_id=${organizationId}&page_size=1`
  const from = Date.now()
  try {
    const { status, headers, body } = await send(profile, list, AbortSignal.timeout(TIMEOUT))
    await body?.cancel()
    return { status, headers, from, to: Date.now() }
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError'
    const status = late ? `no response within ${TIMEOUT / 1000} s` : reasonOf(error)
    return { status, headers: new Headers(), from, to: Date.now() }
  }
}
