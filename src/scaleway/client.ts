// Scaleway's IAM API by Scaleway's SDK, one page at a time. Items are raw JSON: the SDK's own decoding creates `Date`s,
// which have no microseconds. Its `.all()` is not used, because it requests all pages at once and retries nothing.

import { readFileSync } from 'node:fs'
import {
  type Client,
  createAdvancedClient,
  Errors,
  withHTTPClient,
  withProfile,
  withUserAgentSuffix,
} from '@scaleway/sdk-client'
import { Iamv1alpha1 } from '@scaleway/sdk-iam'
import { InputError } from '../errors.ts'
import { isUuid } from '../id.ts'
import type { Instant } from '../instant.ts'
import { isObject } from './fields.ts'
import { createHttpClient, Rejection, RequestFailure } from './http-client.ts'
import { LISTS, type List, type ListName, PAGE_SIZE } from './lists.ts'
import { RETRY_POLICY, type RetryPolicy, scalewayErrorFor, withRetry } from './retry.ts'

export { ScalewayError, ScalewayUnavailable } from './retry.ts'

export interface ScalewayProfile {
  readonly accessKey: string
  readonly secretKey: string
  /** In lower case. */
  readonly organizationId: string | null
  /** Without a slash at its end. */
  readonly apiUrl: string
}

export interface Page {
  /** Raw JSON; see wire.ts. */
  readonly items: readonly unknown[]
  /** The number of matches on all pages, as counted by Scaleway for this response. */
  readonly total: number
}

/**
 * Each call returns one page, and retries failed requests. Changes of a list between two calls move items from page to
 * page. Rejects with the signal's reason, with a `ScalewayError` if a retry would not help, and with
 * `ScalewayUnavailable` after the last try.
 */
export interface ScalewayClient {
  /** An Organization's log, oldest first. Bounds are whole milliseconds; `null`: no bound. Pages are counted from 1. */
  logs(query: LogQuery): Promise<Page>
  /** Oldest first, 100 per page, pages counted from 1. */
  list(name: ListName, organizationId: string, page: number): Promise<Page>
  /** The rules of a policy; like `list`. */
  rules(policyId: string, page: number): Promise<Page>
  /** The number of bytes of all responses so far, uncompressed. */
  received(): number
}

interface LogQuery {
  readonly organizationId: string
  readonly from: Instant | null
  readonly until: Instant | null
  readonly page: number
  /** 1 to 100. */
  readonly pageSize: number
}

export interface ScalewayOptions {
  readonly signal: AbortSignal
  /** Called before each retry with a one-line description of the failure. */
  readonly onRetry?: (what: string) => void
  readonly patience?: Partial<RetryPolicy>
}

interface PageRequest {
  readonly list: List
  /** The owner of the list, for messages. */
  readonly of: string
  readonly page: number
  readonly pageSize: number
}

export function createScalewayClient(
  profile: ScalewayProfile,
  { signal, onRetry = () => {}, patience: given }: ScalewayOptions,
): ScalewayClient {
  const { accessKey } = profile
  const patience = { ...RETRY_POLICY, ...given }
  let bytes = 0
  const api = createApi(profile, patience.timeout, signal, more => {
    bytes += more
  })

  async function ask(request: PageRequest, call: () => Promise<unknown>): Promise<Page> {
    const { list, of, page } = request
    const what = `the ${list.name} of ${of}`
    const attempts = { what: `${what}, page ${page}`, patience, signal, onRetry }
    try {
      return await withRetry(attempts, async () => pageOf(await call(), request))
    } catch (error) {
      if (!(error instanceof Rejection)) throw error
      throw scalewayErrorFor(error, { what, accessKey, permissionSets: list.permissionSets })
    }
  }

  return {
    logs({ organizationId, from, until, page, pageSize }) {
      const of = `Organization ${organizationId}`
      return ask({ list: LISTS.logs, of, page, pageSize }, () =>
        api.listLogs({
          organizationId,
          page,
          pageSize,
          orderBy: 'created_at_asc',
          ...(from !== null && { createdAfter: new Date(from / 1000) }),
          ...(until !== null && { createdBefore: new Date(until / 1000) }),
        }),
      )
    },

    list(name, organizationId, page) {
      const of = `Organization ${organizationId}`
      const orderBy = 'created_at_asc'
      const request = { organizationId, page, pageSize: PAGE_SIZE, orderBy } as const
      const calls: Record<ListName, () => Promise<unknown>> = {
        users: () => api.listUsers(request),
        applications: () => api.listApplications(request),
        groups: () => api.listGroups(request),
        policies: () => api.listPolicies(request),
        'api-keys': () => api.listAPIKeys(request),
      }
      return ask({ list: LISTS[name], of, page, pageSize: PAGE_SIZE }, calls[name])
    },

    rules(policyId, page) {
      const of = `policy ${policyId}`
      return ask({ list: LISTS.rules, of, page, pageSize: PAGE_SIZE }, () =>
        api.listRules({ policyId, page, pageSize: PAGE_SIZE }),
      )
    },

    received: () => bytes,
  }
}

/** The SDK's calls, returning raw JSON, despite their types. */
function createApi(
  profile: ScalewayProfile,
  timeout: number,
  signal: AbortSignal,
  received: (bytes: number) => void,
) {
  const { accessKey, secretKey, apiUrl } = profile
  // The SDK's own message would contain it.
  if (!isUuid(secretKey)) throw new InputError('the secret key is not a UUID')
  const secret = new RegExp(secretKey, 'gi')
  const hide = (text: string) => text.replace(secret, '…')
  const exchange = createHttpClient({ signal, timeout, hide, received })
  const client = createAdvancedClient(
    withProfile({ accessKey, secretKey, apiURL: apiUrl }),
    withUserAgentSuffix(`iam-logs-gateway/${version()}`),
    withHTTPClient(exchange),
  )
  const raw: (request: Parameters<Client['fetch']>[0]) => Promise<unknown> = request =>
    client.fetch(request).catch(error => {
      // The SDK's only error after a successful response.
      if (error instanceof Errors.ScalewayError)
        throw new RequestFailure('the JSON is incomplete or invalid')
      throw error
    })
  // Ignores the decoder, which the SDK's calls pass as the second argument.
  const fetch = raw as Client['fetch']
  return new Iamv1alpha1.API({ ...client, fetch })
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')).version
}

/** Throws a `RequestFailure` for a response that is not a page: Scaleway's backend may be starting. */
function pageOf(answer: unknown, { list, pageSize }: PageRequest): Page {
  if (!isObject(answer)) throw new RequestFailure('the response is not a JSON object')
  const { [list.key]: found, total_count: total } = answer
  if (!isCount(total)) throw new RequestFailure('the total_count of the response is not a number')
  const items = found === null && total === 0 ? [] : found
  if (!Array.isArray(items)) throw new RequestFailure(`the response has no ${list.key}`)
  if (items.length > pageSize) {
    throw new RequestFailure(
      `the response has ${items.length} ${list.key}, more than the ${pageSize} requested`,
    )
  }
  return { items, total }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
