// Suggestions for a search box besides principals: resources, addresses and user agents, each of which filters events.

import { textOf } from './arguments.ts'
import { builder } from './builder.ts'
import { LARGEST_PAGE, pageSize, requestedItems } from './connection.ts'
import { costs } from './cost.ts'
import { IpAddressCountType, UserAgentCountType } from './count-types.ts'
import { ResourceType } from './event-type.ts'
import { OrganizationType } from './organization-type.ts'

const ORDER = 'those with the most events first, equal ones by the newest of them, then by text'

/** `what` is listed, `search` what is looked for. */
const searched = (what: string, search: string) => ({
  args: builder.args(t => ({
    search: t.string({ required: true, description: search }),
    first: t.int({
      required: true,
      defaultValue: 10,
      description: `How many ${what}, from 1 to ${LARGEST_PAGE}.`,
    }),
  })),
  extensions: costs({ reads: 100, items: requestedItems }),
})

function searchPage(organizationId: string, { search, first }: { search: string; first: number }) {
  const limit = pageSize('first', first, '; search for more of it', 1)
  return { organizationId, search: textOf('search', search), limit }
}

builder.objectFields(OrganizationType, t => ({
  resources: t.field({
    type: [ResourceType],
    description: `The resources the viewer may see that are called so, by name, then ID; and whatever has exactly the ID that
is searched for and was ever acted upon, whether or not it is gone or hidden.`,
    ...searched(
      'resources',
      `Part of a name, or four characters or more of an ID. Case and accents do not matter.`,
    ),
    resolve: ({ id }, args, { log }) => log.resources(searchPage(id, args)),
  }),
  ipAddresses: t.field({
    type: [IpAddressCountType],
    description: `The addresses events came from that begin so: ${ORDER}.
Of more than 10,000, some of them.`,
    ...searched('addresses', 'How the address begins.'),
    resolve: ({ id }, args, { log }) => log.addresses(searchPage(id, args)),
  }),
  userAgents: t.field({
    type: [UserAgentCountType],
    description: `The clients of events that have this in what they say they are: ${ORDER}.
Of more than 10,000, some of them.`,
    ...searched('user agents', 'Part of it; the case of the letters A to Z does not matter.'),
    resolve: ({ id }, args, { log }) => log.userAgents(searchPage(id, args)),
  }),
}))
