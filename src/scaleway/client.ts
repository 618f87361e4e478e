// Scaleway's IAM API through Scaleway's SDK, a page at a time. The items are its raw JSON: the SDK's own
// decoding makes `Date`s of dates, which lose their microseconds. Its `.all()`, which asks for every page at
// once and again for nothing that failed, is not used.

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
import { RETRY_POLICY, type RetryPolicy, scalewayErrorFor, withRetry } from './retry.ts'

export { ScalewayError, ScalewayUnavailable } from './retry.ts'

/** Whom Scaleway is asked as, and where. */
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
  /** How many match on all pages, as Scaleway counted for this answer. */
  readonly total: number
}

export type ListName = 'users' | 'applications' | 'groups' | 'policies' | 'api-keys'

/**
 * Each call asks until it has one page, with one request at a time; what happens meanwhile moves items from
 * page to page. It rejects with the signal's reason, with a ScalewayRefusal for what will not change by asking
 * again, and with ScalewayUnavailable after the last try.
 */
export interface ScalewayClient {
  /** An Organization's log, oldest first. Bounds are whole milliseconds; `null`: none. Pages from 1. */
  logs(query: LogQuery): Promise<Page>
  /** Oldest first, 100 a page, pages from 1. */
  list(name: ListName, organizationId: string, page: number): Promise<Page>
  /** The rules of a policy; as `list`. */
  rules(policyId: string, page: number): Promise<Page>
  /** How many bytes came until now, unpacked, of whatever was asked for. */
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
  /** Told in one line, before each wait, what went wrong. */
  readonly onRetry?: (what: string) => void
  readonly patience?: Partial<RetryPolicy>
}

const PAGE_SIZE = 100

interface List {
  /** The key of its items in the answer. */
  readonly key: string
  readonly name: string
  /** What lets one read it in the whole Organization. Scaleway documents none for the logs; its own tools take this. */
  readonly permissionSets: string
}

const LISTS: Readonly<Record<ListName | 'logs' | 'rules', List>> = {
  logs: list('logs', 'IAMReadOnly'),
  users: list('users', 'IAMUserReadOnly or IAMReadOnly'),
  applications: list('applications', 'IAMApplicationReadOnly or IAMReadOnly'),
  groups: list('groups', 'IAMGroupReadOnly or IAMReadOnly'),
  policies: list('policies', 'IAMPolicyReadOnly or IAMReadOnly'),
  rules: list('rules', 'IAMPolicyReadOnly or IAMReadOnly'),
  'api-keys': list('api_keys', 'IAMReadOnly', 'API keys'),
}

function list(key: string, permissionSets: string, name = key): List {
  return { key, name, permissionSets }
}

interface Wanted {
  readonly list: List
  /** Whose list, in words. */
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

  /** `call` asks once. */
  async function ask(wanted: Wanted, call: () => Promise<unknown>): Promise<Page> {
    const { list, of, page } = wanted
    const what = `the ${list.name} of ${of}`
    const attempts = { what: `${what}, page ${page}`, patience, signal, onRetry }
    try {
      return await withRetry(attempts, async () => pageOf(await call(), wanted))
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
      return ask({ list: LISTS[name], of, page, pageSize: PAGE_SIZE }, () => {
        switch (name) {
          case 'users':
            return api.listUsers(request)
          case 'applications':
            return api.listApplications(request)
          case 'groups':
            return api.listGroups(request)
          case 'policies':
            return api.listPolicies(request)
          case 'api-keys':
            return api.listAPIKeys(request)
        }
      })
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

/** The SDK's calls, answering with the JSON as it came, whatever their types say. */
function createApi(
  profile: ScalewayProfile,
  timeout: number,
  signal: AbortSignal,
  received: (bytes: number) => void,
) {
  const { accessKey, secretKey, apiUrl } = profile
  // The SDK would say so too, and repeat it.
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
      // Its only error for an answer that went through the exchange.
      if (error instanceof Errors.ScalewayError)
        throw new RequestFailure('the JSON is cut off or broken')
      throw error
    })
  // The second argument of the SDK's calls is its decoder; without it the type each call promises is not true.
  const fetch = raw as Client['fetch']
  return new Iamv1alpha1.API({ ...client, fetch })
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')).version
}

/** Throws a Trouble for an answer that is no page: what is behind Scaleway's door may be half up. */
function pageOf(answer: unknown, { list, pageSize }: Wanted): Page {
  if (!isObject(answer)) throw new RequestFailure('the answer is not a JSON object')
  const { [list.key]: found, total_count: total } = answer
  if (!isCount(total)) throw new RequestFailure('the answer has no number as its total_count')
  const items = found === null && total === 0 ? [] : found
  if (!Array.isArray(items)) throw new RequestFailure(`the answer has no ${list.key}`)
  if (items.length > pageSize) {
    throw new RequestFailure(`${items.length} ${list.key} came where ${pageSize} were asked for`)
  }
  return { items, total }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
