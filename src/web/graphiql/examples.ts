// The queries that GraphiQL opens with, one tab each: a security engineer's first questions. Each runs unchanged on any
// data, except the subscription, which needs an Organization's ID. A tab's title is the name of its operation. Lines
// have at most 51 characters, so that GraphiQL's buttons do not cover them.

const LATEST_EVENTS = `# Latest events of each Organization you can see.
#
# For older events, replace \`organizations\` with
# \`organization(id: "…")\` and pass the last
# \`endCursor\` to \`events\` as \`after\`.
query LatestEvents {
  organizations {
    id name
    events(first: 20) {
      nodes {
        createdAt action category
        resource { resourceId name }
        principal { __typename principalId name }
        ipAddress userAgent
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
`

const WHAT_A_PRINCIPAL_DID = `# What a user or an application did, latest first.
#
# Set \`search\` below to part of a name, or an ID.
# If it is empty, the first five are returned.
query WhatAPrincipalDid($search: String) {
  organizations {
    id name
    principals(search: $search, first: 5) {
      nodes {
        __typename principalId name
        ... on User { email type }
        ... on Application { description }
        events(first: 10) {
          nodes {
            createdAt action category
            resource { resourceId name }
            ipAddress userAgent
          }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }
}
`

const EVERYTHING_FROM_AN_ADDRESS = `# All events from an IP address or block.
#
# \`address\` is one address, such as 203.0.113.7, or
# a CIDR block, such as 2001:db8::/32. All of IPv4
# is 0.0.0.0/0, all of IPv6 is ::/0.
query EverythingFromAnAddress($address: String!) {
  organizations {
    id name
    events(
      filter: { ipAddresses: [$address] }
      first: 50
    ) {
      nodes {
        ipAddress
        createdAt action category
        resource { resourceId name }
        principal { __typename principalId name }
        userAgent
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
`

const WHO_WAS_REMOVED = `# Users who were removed, by whom, and what they
# did before.
#
# Rejected and expired invitations are included,
# as users without events. To include applications,
# add APPLICATION to the categories.
query WhoWasRemoved($removals: Int!) {
  organizations {
    id name
    events(
      filter: {
        actions: [DELETED]
        categories: [USER]
      }
      first: $removals
    ) {
      nodes {
        createdAt category
        # by whom
        principal { __typename principalId name }
        # who was removed
        resource {
          resourceId
          principal {
            # what they did before
            events(first: 10) {
              totalCount
              nodes {
                createdAt action category
                resource { resourceId name }
                ipAddress userAgent
              }
            }
          }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
`

const API_KEYS_CREATED_AND_DELETED = `# API keys created and deleted, latest first.
# A resource's ID is the access key.
#
# To see one Organization only, replace
# \`organizations\` with \`organization(id: "…")\`.
query ApiKeysCreatedAndDeleted($first: Int!) {
  organizations {
    id name
    events(
      filter: {
        actions: [CREATED, DELETED]
        categories: [API_KEY]
      }
      first: $first
    ) {
      nodes {
        createdAt action
        resource { resourceId }
        principal { __typename principalId name }
        ipAddress userAgent
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
`

const WATCH_EVENTS_ARRIVE = `# New events of an Organization, as they arrive.
#
# Set \`organizationId\` below; the first tab shows
# it. The query runs until you stop it and shows
# the latest event. To begin after a known event,
# set \`after\` to its \`eventId\`.
subscription WatchEventsArrive(
  $organizationId: ID!
  $after: String
) {
  eventRecorded(
    organizationId: $organizationId
    after: $after
  ) {
    eventId
    createdAt recordedAt action category
    resource { resourceId name }
    principal { __typename principalId name }
    ipAddress userAgent
    organization { name }
  }
}
`

/** In the order of the tabs. The variables are a JSON object. */
export const EXAMPLE_QUERIES = [
  example('LatestEvents', LATEST_EVENTS, {}),
  example('WhatAPrincipalDid', WHAT_A_PRINCIPAL_DID, { search: '' }),
  example('EverythingFromAnAddress', EVERYTHING_FROM_AN_ADDRESS, { address: '0.0.0.0/0' }),
  example('WhoWasRemoved', WHO_WAS_REMOVED, { removals: 10 }),
  example('ApiKeysCreatedAndDeleted', API_KEYS_CREATED_AND_DELETED, { first: 50 }),
  example('WatchEventsArrive', WATCH_EVENTS_ARRIVE, { organizationId: '', after: null }),
]

function example(name: string, query: string, variables: object) {
  return { name, query, variables: JSON.stringify(variables, null, 2) }
}
