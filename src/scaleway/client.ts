// Scaleway's IAM API, one page at a time. Items are raw JSON. Scaleway's SDK is not used: it retries nothing, requests all
// pages of a list at once, and decodes dates to `Date`s, which have no microseconds.

import { InputError } from '../errors.ts'
import { isUuid } from '../id.ts'
import type { Instant } from '../instant.ts'
import { isObject } from './fields.ts'
import { RequestFailure, request, type ScalewayProfile } from './http-client.ts'
import { type DirectoryList, keyOf, type List, PAGE_SIZE, PERMISSION_SETS } from './lists.ts'
import { type ScalewayOptions, scalewayErrorFor, withRetry } from './retry.ts'

export type { ScalewayProfile } from './http-client.ts'
export { ScalewayError, type ScalewayOptions, ScalewayUnavailable } from './retry.ts'

export interface Page {
  /** Raw JSON; see wire.ts. */
  readonly items: readonly unknown[]
  /** The number of matches on all pages, as counted by Scaleway for this response. */
  readonly total: number
}

interface LogQuery {
  readonly organizationId: string
  /** Whole milliseconds; `null`: no bound. */
  readonly from: Instant | null
  readonly until: Instant | null
  /** From 1. */
  readonly page: number
  /** 1 to 100. */
  readonly pageSize: number
}

export type ScalewayClient = ReturnType<typeof createScalewayClient>

/**
 * Each call returns one page, and retries failed requests. Changes of a list between two calls move items from page to
 * page. Rejects with the signal's reason, with a `ScalewayError` if a retry would not help, and with
 * `ScalewayUnavailable` after the last try.
 */
export function createScalewayClient(profile: ScalewayProfile, options: ScalewayOptions) {
  const { accessKey, secretKey } = profile
  if (!isUuid(secretKey)) throw new InputError('the secret key is not a UUID')
  let bytes = 0

  function ask(
    name: List,
    of: string,
    page: number,
    given: Readonly<Record<string, string>>,
    pageSize = PAGE_SIZE,
  ): Promise<Page> {
    const what = `the ${name.replace('api-keys', 'API keys')} of ${of}`
    const query = new URLSearchParams({ page: `${page}`, page_size: `${pageSize}`, ...given })
    return withRetry(`${what}, page ${page}`, options, async timeout => {
      const reply = await request(profile, `${name}?${query}`, options.signal, timeout)
      const permissionSets = PERMISSION_SETS[name]
      if (reply.status >= 300) throw scalewayErrorFor(reply, { what, accessKey, permissionSets })
      bytes += reply.bytes
      return pageOf(reply.json, keyOf(name), pageSize)
    })
  }

  return {
    /** An Organization's log, oldest first. */
    logs({ organizationId, from, until, page, pageSize }: LogQuery): Promise<Page> {
      const query = {
        organization_id: organizationId,
        order_by: 'created_at_asc',
        ...(from !== null && { created_after: new Date(from / 1000).toISOString() }),
        ...(until !== null && { created_before: new Date(until / 1000).toISOString() }),
      }
      return ask('logs', `Organization ${organizationId}`, page, query, pageSize)
    },
    /** Oldest first. */
    list(name: DirectoryList, organizationId: string, page: number): Promise<Page> {
      const query = { organization_id: organizationId, order_by: 'created_at_asc' }
      return ask(name, `Organization ${organizationId}`, page, query)
    },
    /** The rules of a policy. */
    rules: (policyId: string, page: number): Promise<Page> =>
      ask('rules', `policy ${policyId}`, page, { policy_id: policyId }),
    /** The number of bytes of all pages so far, uncompressed. */
    received: () => bytes,
  }
}

/** Throws a `RequestFailure` for a response that is not a page: Scaleway's backend may be starting. */
function pageOf(answer: unknown, key: string, pageSize: number): Page {
  if (!isObject(answer)) throw new RequestFailure('the response is not a JSON object')
  const { [key]: found, total_count: total } = answer
  if (typeof total !== 'number' || !Number.isSafeInteger(total) || total < 0) {
    throw new RequestFailure('the total_count of the response is not a number')
  }
  const items = found === null && total === 0 ? [] : found
  if (!Array.isArray(items)) throw new RequestFailure(`the response has no ${key}`)
  if (items.length > pageSize) {
    throw new RequestFailure(
      `the response has ${items.length} ${key}, more than the ${pageSize} requested`,
    )
  }
  return { items, total }
}
