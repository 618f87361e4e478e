// The query that benchmarks send, and what all servers of the comparison have in common.

/** A page as a log viewer requests it. */
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

/** They show events and users; applications, groups and policies are hidden. */
export const PERMISSION_SETS = ['AuditTrailReadOnly', 'IAMUserReadOnly']

/** The database file, the only argument of a peer. A peer listens on a free port and prints its URL. */
export function database(): string {
  const file = process.argv[2]
  if (file === undefined) throw new Error('usage: node PEER.ts DATABASE')
  return file
}
