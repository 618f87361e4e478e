// A Scaleway of one's own on 127.0.0.1: the IAM API on its real wire format, with lists to edit, everything
// it was asked, and faults on demand. An answer is made the moment its request comes, so pages shift as
// events arrive. It takes next to no time: of requests that overlap some may be missed unless it is slowed.

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
  /** Without a slash at its end. */
  readonly url: string
  readonly accessKey: string
  readonly secretKey: string
  /** Everything that was asked, in order, whatever was answered. */
  readonly requests: readonly Asked[]
  /** The most requests that were unanswered at one time; one that its client gave up counts until it is noticed. */
  readonly mostInFlight: number
  readonly settings: Settings
  /** The first of a queue falls on the next request, `null` for none; a function is asked at each request. */
  faults: (Fault | null)[] | ((request: Asked) => Fault | null)
  /** Known to Scaleway from the first call on, and empty then; the same at each call. */
  organization(id: string): FakeOrganization
  /**
   * As just started, on the same port; unanswered requests are cut. Handles of Organizations from before
   * are no longer connected. `seed` is that of the order of equal dates.
   */
  reset(seed?: number): void
  close(): Promise<void>
}

export interface FakeOrganization extends Omit<Lists, 'log' | 'forbidden'> {
  /** How many logs there are. */
  readonly size: number
  /** Makes logs visible from now on, whatever their dates. */
  add(...events: readonly WireItem[]): void
  /** Ends the retention of logs dated before this RFC 3339 date. */
  drop(before: string): void
  /** Whether this list is answered with 403. */
  forbid(list: ListName, forbidden?: boolean): void
}

interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** The last word of the path, as `logs` or `api-keys`; an ID where one log is asked for. */
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
  let requests: Asked[]
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
    const asked: Asked = {
      method: request.method ?? '',
      path,
      query,
      list: path.slice(path.lastIndexOf('/') + 1),
      userAgent: request.headers['user-agent'] ?? '',
    }
    requests.push(asked)
    const fault = (typeof faults === 'function' ? faults(asked) : faults.shift()) ?? null
    const sent =
      saidInstead(fault) ??
      refused(request) ??
      written(answer(world, path, misread(fault, query)), fault)
    if (fault?.kind === 'arrive') {
      organizations.get(query.get('organization_id') ?? '')?.add(...fault.events)
    }
    response.setHeader('X-Request-Id', randomUUID())
    // Two turns later, so that requests which were sent together are all here before one is answered.
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
    set faults(given) {
      faults = given
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
