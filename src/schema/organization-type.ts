// Organizations, and the principals of one.

import { canonicalId } from '../id.ts'
import type { Organization, PrincipalPosition } from '../log-reader.ts'
import type { Principal } from '../principal.ts'
import { isKeepable } from '../text.ts'
import { textOf } from './arguments.ts'
import { builder, exposed } from './builder.ts'
import {
  type CursorFormat,
  connection,
  connectionType,
  PAGED,
  pageArguments,
} from './connection.ts'
import { costs } from './cost.ts'
import { NodeType } from './node.ts'
import { PrincipalType } from './principal-types.ts'

const PrincipalConnectionType = connectionType<Principal>('Principal', 'principals', PrincipalType)

const principalCursors: CursorFormat<PrincipalPosition> = {
  write: ({ name, id }) => Buffer.from(JSON.stringify([name, id])).toString('base64url'),
  read(cursor) {
    try {
      const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
      if (!Array.isArray(place) || place.length !== 2) return null
      const [name, id] = place
      if (typeof name !== 'string' || typeof id !== 'string') return null
      return isKeepable(name) && isKeepable(id) ? { name, id } : null
    } catch {
      return null
    }
  },
}

export const OrganizationType = builder.objectRef<Organization>('Organization').implement({
  description: 'A Scaleway Organization. Every event and principal belongs to exactly one.',
  interfaces: [NodeType],
  fields: t => ({
    ...exposed(t, 'ID!', {
      id: "Scaleway's ID of the Organization. It is also the global ID.",
    }),
    ...exposed(t, 'String', {
      name: 'Its name; null if none was set. Scaleway does not provide it.',
    }),
    principal: t.field({
      type: PrincipalType,
      nullable: true,
      description: `The principal with this ID in this Organization; null if it never acted and is not a User or
Application that the viewer may see.`,
      args: { id: t.arg.id({ required: true, description: "Scaleway's ID of the principal." }) },
      resolve: ({ id: organizationId }, args, { load }) =>
        load.knownPrincipal({ organizationId, id: canonicalId(args.id) }),
    }),
    principals: t.field({
      type: PrincipalConnectionType,
      description: `The Users and Applications that the viewer may see, and all principals that ever acted, sorted by
name, then ID. Principals that left, or that the viewer may not see, are Unknown.`,
      args: {
        search: t.arg.string({
          description: `Part of a name, user name or e-mail address that the viewer may see, or at least four
characters of an ID. Case and accents are ignored: \`elodie\` finds Élodie.`,
        }),
        ...pageArguments('principals'),
      },
      extensions: PAGED,
      resolve(organization, args, { log }) {
        const organizationId = organization.id
        const search = args.search == null ? null : textOf('search', args.search)
        return connection(
          args,
          principalCursors,
          async page => {
            const query = { organizationId, search, ...page }
            const { principals: nodes, hasMore } = await log.principals(query)
            return { nodes, hasMore }
          },
          () => log.countPrincipals(organizationId, search),
        )
      },
    }),
  }),
})

builder.queryFields(t => ({
  organization: t.field({
    type: OrganizationType,
    nullable: true,
    description:
      'The Organization with this ID; null if it does not exist or the viewer may not see its events.',
    args: { id: t.arg.id({ required: true, description: "The Organization's ID." }) },
    resolve: (_, { id }, { load }) => load.organization.load(canonicalId(id)),
  }),
  organizations: t.field({
    type: [OrganizationType],
    description: 'All Organizations whose events the viewer may see, sorted by ID.',
    extensions: costs({ items: (_, memberships) => memberships }),
    resolve: async (_, __, { log }) => log.organizations(),
  }),
}))
