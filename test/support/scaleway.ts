// A fake Scaleway on 127.0.0.1: the IAM API in its wire format, with lists to edit, a record of all requests, and faults on
// demand. A response is made when its request arrives, so pages shift as events are added. It is so fast that concurrent
// requests may not overlap unless it is slowed down.

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { random } from '../../src/sample/random.ts'
import { at } from './events.ts'
import {
  answer,
  deniedAuthentication,
  type ListName,
  type Lists,
  type Settings,
  type World,
} from './scaleway-answers.ts'
import {
  type Fault,
  jsonMessage,
  type Message,
  misread,
  saidInstead,
  send,
  written,
} from './scaleway-faults.ts'
import { createLog, type WireItem } from './scaleway-log.ts'

export { deniedAuthentication } from './scaleway-answers.ts'
export type { Fault } from './scaleway-faults.ts'
export { apiKey, application, group, log, policy, rule, user } from './scaleway-items.ts'
export type { WireItem } from './scaleway-log.ts'

export const ACCESS_KEY = 'SCWFAKEFAKEFAKEFAKE0'
export const SECRET_KEY = 'fa4e0000-0000-4000-8000-000000000001'

export interface FakeScaleway {
  /** Without a slash at the end. */
  readonly url: string
  readonly accessKey: string
  readonly secretKey: string
  /** All requests, in order. */
  readonly requests: readonly Received[]
  /** The largest number of concurrent requests; an aborted one counts until that is noticed. */
  readonly mostInFlight: number
  readonly settings: Settings
  /** A queue of faults for the next requests, `null` for none; or a function that is called at each request. */
  faults: (Fault | null)[] | ((request: Received) => Fault | null)
  /** The Organization with this ID, which is made empty by the first call. */
  organization(id: string): FakeOrganization
  /**
   * Resets everything to the initial state, on the same port, and cuts pending requests. Organizations from before
   * have no effect any more. `seed` is for the order of equal dates.
   */
  reset(seed?: number): void
  close(): Promise<void>
}

export interface FakeOrganization extends Omit<Lists, 'log' | 'forbidden'> {
  /** The number of logs. */
  readonly size: number
  /** Lists these logs from now on, whatever their dates are. */
  add(...events: readonly WireItem[]): void
  /** Removes logs dated before this RFC 3339 date. */
  drop(before: string): void
  /** Whether this list is answered with 403. */
  forbid(list: ListName, forbidden?: boolean): void
}

interface Received {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** The last word of the path, such as `logs` or `api-keys`; an ID if one log is requested. */
  readonly list: string
  readonly userAgent: string
}

export async function startFakeScaleway(
  options: { port?: number; accessKey?: string; secretKey?: string } = {},
): Promise<FakeScaleway> {
  const { port = 0, accessKey = ACCESS_KEY, secretKey = SECRET_KEY } = options
  const settings = {} as Settings
  const organizations = new Map<string, Lists & FakeOrganization>()
  const unanswered = new Set<ServerResponse>()
  let world: World
  let requests: Received[]
  let mostInFlight: number
  let faults: FakeScaleway['faults']

  function reset(seed = 1): void {
    for (const response of unanswered) response.destroy()
    unanswered.clear()
    organizations.clear()
    Object.assign(settings, {
      afterIncluded: true,
      beforeIncluded: false,
      ties: 'arrival',
      total: null,
    } satisfies Settings)
    world = { settings, chance: random(seed).below, organizations }
    requests = []
    mostInFlight = 0
    faults = []
  }
  reset()

  function respond(request: IncomingMessage, response: ServerResponse): void {
    unanswered.add(response)
    mostInFlight = Math.max(mostInFlight, unanswered.size)
    response.once('close', () => unanswered.delete(response))
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://fake')
    const received: Received = {
      method: request.method ?? '',
      path,
      query,
      list: path.slice(path.lastIndexOf('/') + 1),
      userAgent: request.headers['user-agent'] ?? '',
    }
    requests.push(received)
    const fault = (typeof faults === 'function' ? faults(received) : faults.shift()) ?? null
    const sent =
      saidInstead(fault) ??
      refused(request) ??
      written(answer(world, path, misread(fault, query)), fault)
    if (fault?.kind === 'arrive') {
      organizations.get(query.get('organization_id') ?? '')?.add(...fault.events)
    }
    response.setHeader('X-Request-Id', randomUUID())
    // Two turns later, so that concurrent requests have all arrived before the first response.
    setImmediate(() => setImmediate(() => send(response, sent, fault)))
  }

  function refused(request: IncomingMessage): Message | null {
    const token = request.headers['x-auth-token']
    if (token === undefined) return jsonMessage(401, deniedAuthentication('invalid_argument'))
    if (token !== secretKey) return jsonMessage(401, deniedAuthentication('not_found'))
    return request.method === 'GET' ? null : jsonMessage(405, { message: 'method not allowed' })
  }

  const server = createServer(respond)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accessKey,
    secretKey,
    settings,
    get requests() {
      return requests
    },
    get mostInFlight() {
      return mostInFlight
    },
    get faults() {
      return faults
    },
    set faults(value) {
      faults = value
    },
    organization(id) {
      const organization = organizations.get(id) ?? createOrganization(id)
      organizations.set(id, organization)
      return organization
    },
    reset,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function createOrganization(id: string): Lists & FakeOrganization {
  const log = createLog()
  const forbidden = new Set<ListName>()
  return {
    id,
    log,
    forbidden,
    users: [],
    applications: [],
    groups: [],
    policies: [],
    apiKeys: [],
    rules: new Map(),
    get size() {
      return log.size
    },
    add: (...events) => log.add(events),
    drop: before => log.drop(at(before)),
    forbid(list, forbid = true) {
      if (forbid) forbidden.add(list)
      else forbidden.delete(list)
    },
  }
}
