// The question of the benchmark against peers, and what is told to each server that answers it.

/** A page as a log viewer asks for it. */
export const QUERY = `query Page($organization: ID!) {
  organization(id: $organization) {
    id
    name
    events(first: 50) {
      nodes {
        eventId
        createdAt
        action
        category
        principal { __typename principalId name }
        resource { resourceId category name }
        ipAddress
        userAgent
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}`

/** Sees events and users; applications, groups and policies are hidden from it. */
export const PERMISSION_SETS = ['AuditTrailReadOnly', 'IAMUserReadOnly']

/** How a peer is started: with the database as its argument; it listens on a free port and prints the address. */
export function database(): string {
  const file = process.argv[2]
  if (file === undefined) throw new Error('usage: node PEER.ts DATABASE')
  return file
}
