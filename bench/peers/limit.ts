// The limit of what is possible: a handler written for this one query, with node:http and better-sqlite3. It checks the
// token and the permissions, but has no GraphQL.

import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import Database from 'better-sqlite3'
import { formatInstant } from '../../src/instant.ts'
import { database } from '../page.ts'

interface Membership {
  readonly organizationId: string
  readonly owner: boolean
  readonly permissionSets: readonly string[]
}

/** Bytes as hexadecimal text, or text after a colon: much faster to read than Buffers. */
const text = (column: string) => `iif(typeof(${column}) = 'blob', hex(${column}), ':' || ${column})`

type EventRow = [
  createdAt: number,
  id: string,
  action: string,
  category: string,
  principal: string,
  resource: string,
  address: string | null,
  userAgent: string | null,
]

type EntryRow = [id: string, kind: string, name: string, details: string | null]

const db = new Database(database(), { readonly: true })
const token = db.prepare('SELECT expires_at, grants FROM tokens WHERE hash = ?').raw()
const organization = db.prepare('SELECT key, name FROM organizations WHERE id = ?').raw()
const events = db
  .prepare(
    `SELECT e.created_at, hex(e.id), k.action, k.category, ${text('p.id')}, ${text('r.id')},
        a.text, u.text
      FROM events e INDEXED BY events_by_date
      CROSS JOIN series s ON s.organization = e.organization AND s.number = e.series
      CROSS JOIN kinds k ON k.organization = e.organization AND k.number = s.kind
      CROSS JOIN principals p ON p.organization = e.organization AND p.number = s.principal
      CROSS JOIN resources r ON r.organization = e.organization AND r.number = e.resource
      LEFT JOIN addresses a ON a.organization = e.organization AND a.number = e.address
      LEFT JOIN user_agents u ON u.organization = e.organization AND u.number = s.user_agent
      WHERE e.organization = ? ORDER BY e.created_at DESC, e.sequence DESC LIMIT 51`,
  )
  .raw()
/** Statements for up to so many IDs. */
const entries = [8, 16, 32, 64, 128].map(size => ({
  size,
  statement: db
    .prepare(
      `SELECT ${text('id')}, kind, name, iif(kind = 'api_key', details, NULL) FROM directory
        WHERE organization = ? AND id IN (${new Array(size).fill('?').join()})
          AND kind IN (?, ?, ?, ?, ?, ?)`,
    )
    .raw(),
}))

const NIL_ID = '00000000-0000-0000-0000-000000000000'
const ACTIONS: Record<string, string> = {
  created: 'CREATED',
  updated: 'UPDATED',
  deleted: 'DELETED',
}
const CATEGORIES: Record<string, string> = {
  api_key: 'API_KEY',
  user: 'USER',
  application: 'APPLICATION',
  group: 'GROUP',
  policy: 'POLICY',
}
const EVENTS = [
  'OrganizationManager',
  'IAMManager',
  'IAMReadOnly',
  'AuditTrailReadOnly',
  'AuditTrailFullAccess',
]
const USERS = [
  'OrganizationManager',
  'IAMManager',
  'IAMReadOnly',
  'IAMUserReadOnly',
  'IAMUserManager',
]
const APPLICATIONS = [
  'OrganizationManager',
  'IAMManager',
  'IAMReadOnly',
  'IAMApplicationReadOnly',
  'IAMApplicationManager',
]
const GROUPS = [
  'OrganizationManager',
  'IAMManager',
  'IAMReadOnly',
  'IAMGroupReadOnly',
  'IAMGroupManager',
]
const POLICIES = [
  'OrganizationManager',
  'IAMManager',
  'IAMReadOnly',
  'IAMPolicyReadOnly',
  'IAMPolicyManager',
]

const server = createServer(async (request, response) => {
  const [status, answer] = answerTo(request.headers['x-auth-token'], await textOf(request))
  const body = JSON.stringify(answer)
  const length = Buffer.byteLength(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': length,
  })
  // `latin1` is faster, and correct for ASCII.
  response.end(body, length === body.length ? 'latin1' : 'utf8')
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})

function textOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    request.setEncoding('utf8')
    request.on('data', chunk => {
      text += chunk
    })
    request.on('end', () => resolve(text))
    request.on('error', reject)
  })
}

function answerTo(secret: unknown, text: string): [status: number, answer: object] {
  const hash = createHash('sha256').update(String(secret)).digest()
  const known = token.get(hash) as [number | null, string] | undefined
  if (known === undefined || (known[0] !== null && known[0] <= Date.now() * 1000)) return [401, {}]
  const id: string = JSON.parse(text).variables.organization
  const memberships: Membership[] = JSON.parse(known[1])
  const membership = memberships.find(({ organizationId }) => organizationId === id)
  if (membership === undefined || !may(membership, EVENTS))
    return [200, { data: { organization: null } }]
  return [200, { data: { organization: page(id, membership) } }]
}

function page(id: string, membership: Membership): object | null {
  const found = organization.get(Buffer.from(id.replaceAll('-', ''), 'hex')) as
    | [number, string | null]
    | undefined
  if (found === undefined) return null
  const [key, name] = found
  const rows = events.all(key) as EventRow[]
  const hasNextPage = rows.length > 50
  if (hasNextPage) rows.length = 50
  const names = directory(key, rows, membership)
  const nodes = rows.map(([at, id, action, category, principal, resource, address, userAgent]) => {
    const principalId = textOfId(principal)
    const resourceId = textOfId(resource)
    const actor = principalId === NIL_ID ? undefined : names.get(principalId)
    const target = names.get(resourceId)
    const known = actor !== undefined && (actor.kind === 'user' || actor.kind === 'application')
    const scaleway = principalId === NIL_ID || actor?.kind === 'scaleway'
    return {
      eventId: textOfId(id),
      createdAt: formatInstant(at),
      action: ACTIONS[action] ?? 'UNKNOWN',
      category: CATEGORIES[category] ?? 'UNKNOWN',
      principal: {
        __typename: scaleway
          ? 'ScalewayPrincipal'
          : known
            ? actor.kind === 'user'
              ? 'User'
              : 'Application'
            : 'UnknownPrincipal',
        principalId,
        name: scaleway ? 'Scaleway' : known ? actor.name : 'Unknown',
      },
      resource: {
        resourceId,
        category: CATEGORIES[category] ?? 'UNKNOWN',
        name: target !== undefined && target.kind === category ? target.name : null,
      },
      ipAddress: address,
      userAgent,
    }
  })
  const first = rows[0]
  const last = rows.at(-1)
  return {
    id,
    name,
    events: {
      nodes,
      pageInfo: {
        hasNextPage,
        hasPreviousPage: false,
        startCursor: first === undefined ? null : cursor(first),
        endCursor: last === undefined ? null : cursor(last),
      },
    },
  }
}

/** The visible entries of the principals and resources of these events, by ID. */
function directory(
  key: number,
  rows: readonly EventRow[],
  membership: Membership,
): Map<string, { kind: string; name: string | null }> {
  const ids = new Set<string>()
  for (const row of rows) {
    ids.add(row[4])
    if (row[3] in CATEGORIES) ids.add(row[5])
  }
  const found = entries.find(({ size }) => size >= ids.size)
  const bound: (Buffer | string)[] = [...ids].map(bytesOfId)
  if (found === undefined || bound.length === 0) return new Map()
  while (bound.length < found.size) bound.push(bound[0] ?? '')
  const user = may(membership, USERS)
  const application = may(membership, APPLICATIONS)
  const kinds = ['scaleway', 'api_key']
  if (user) kinds.push('user')
  if (application) kinds.push('application')
  if (may(membership, GROUPS)) kinds.push('group')
  if (may(membership, POLICIES)) kinds.push('policy')
  while (kinds.length < 6) kinds.push('scaleway')
  const names = new Map<string, { kind: string; name: string | null }>()
  for (const [id, kind, name, details] of found.statement.all(
    key,
    ...bound,
    ...kinds,
  ) as EntryRow[]) {
    if (details === null) names.set(textOfId(id), { kind, name })
    else {
      const { bearer, description } = JSON.parse(details)
      const seen =
        bearer === null ? user && application : bearer.kind === 'user' ? user : application
      if (seen) names.set(textOfId(id), { kind, name: description })
    }
  }
  return names
}

function may({ owner, permissionSets }: Membership, sets: readonly string[]): boolean {
  return owner || permissionSets.some(set => sets.includes(set))
}

function textOfId(stored: string): string {
  if (stored.startsWith(':')) return stored.slice(1)
  const hex = stored.toLowerCase()
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function bytesOfId(stored: string): Buffer | string {
  return stored.startsWith(':') ? stored.slice(1) : Buffer.from(stored, 'hex')
}

function cursor([at, id]: EventRow): string {
  return Buffer.from(`${at} ${textOfId(id)}`).toString('base64url')
}
