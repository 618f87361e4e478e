// Suggestions for a search box besides principals: resources, addresses and user agents, each of which filters events.

import { textOf } from './arguments.ts'
import { builder } from './builder.ts'
import { listed, pageSize } from './connection.ts'
import { IpAddressCountType, UserAgentCountType } from './count-types.ts'
import { ResourceType } from './event-type.ts'
import { OrganizationType } from './organization-type.ts'

const ORDER =
  'sorted by number of events, highest first, then by the date of the newest event, then by text'

/** `what`: the items of the list; `search`: the description of that argument. */
function searched(what: string, search: string) {
  const { args, extensions } = listed(what, 10, 100)
  const given = builder.args(t => ({ search: t.string({ required: true, description: search }) }))
  return { args: { ...given, ...args }, extensions }
}

function searchPage(organizationId: string, { search, first }: { search: string; first: number }) {
  const limit = pageSize('first', first, '; search for a longer part', 1)
  return { organizationId, search: textOf('search', search), limit }
}

builder.objectFields(OrganizationType, t => ({
  resources: t.field({
    type: [ResourceType],
    description: `The resources that the viewer may see and whose name or ID matches, sorted by name, then ID; and any
resource with exactly this ID that has events, even if it was deleted or is hidden.`,
    ...searched(
      'resources',
      `Part of a name, or at least four characters of an ID. Case and accents are ignored.`,
    ),
    resolve: ({ id }, args, { log }) => log.resources(searchPage(id, args)),
  }),
  ipAddresses: t.field({
    type: [IpAddressCountType],
    description: `The IP addresses of events that start with the search text, ${ORDER}. If more than 10,000 match,
only some of them are considered.`,
    ...searched('addresses', 'The start of the address.'),
    resolve: ({ id }, args, { log }) => log.addresses(searchPage(id, args)),
  }),
  userAgents: t.field({
    type: [UserAgentCountType],
    description: `The user agents of events that contain the search text, ${ORDER}. If more than 10,000 match, only
some of them are considered.`,
    ...searched(
      'user agents',
      'Part of the user agent; the case of the letters A to Z is ignored.',
    ),
    resolve: ({ id }, args, { log }) => log.userAgents(searchPage(id, args)),
  }),
}))
