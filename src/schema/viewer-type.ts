// The viewer, and what it may see in which Organization.

import type { Membership, Viewer } from '../viewer.ts'
import { accessScopeOf } from '../visibility.ts'
import { builder, exposed } from './builder.ts'
import { costs } from './cost.ts'
import { OrganizationType } from './organization-type.ts'

const MembershipType = builder.objectRef<Membership>('Membership').implement({
  description: "The viewer's rights in one Organization.",
  fields: t => ({
    organization: t.field({
      type: OrganizationType,
      description:
        'The Organization. If `seesEvents` is false, only its ID is returned, without events and principals.',
      resolve: ({ organizationId }, _, { load }) => load.organizationOrId(organizationId),
    }),
    ...exposed(t, 'Boolean!', { owner: 'Whether the viewer is an Owner, who may see everything.' }),
    permissionSets: t.exposeStringList('permissionSets', {
      description: "Scaleway's names of the viewer's permission sets in the Organization.",
    }),
    seesEvents: t.boolean({
      description:
        'Whether the viewer may see events. If not, the Organization is treated as if it did not exist.',
      resolve: membership => accessScopeOf(membership).has('events'),
    }),
    seesUsers: t.boolean({
      description: 'Whether the viewer may see Users. If not, they are Unknown.',
      resolve: membership => accessScopeOf(membership).has('user'),
    }),
    seesApplications: t.boolean({
      description: 'Whether the viewer may see Applications. If not, they are Unknown.',
      resolve: membership => accessScopeOf(membership).has('application'),
    }),
  }),
})

const ViewerType = builder.objectRef<Viewer>('Viewer').implement({
  description:
    'The sender of this request: the holder of its access token, or the person who signed in.',
  fields: t => ({
    ...exposed(t, 'ID!', {
      id: "The token's ID, by which it can be revoked; for a person who signed in, a permanent ID.",
    }),
    ...exposed(t, 'String', {
      name: "The token's name or the person's name; null if there is none.",
    }),
    memberships: t.expose('memberships', {
      type: [MembershipType],
      description: 'One for each Organization in which the viewer has rights.',
      extensions: costs({ items: (_, memberships) => memberships }),
    }),
  }),
})

builder.queryField('viewer', t =>
  t.field({
    type: ViewerType,
    description: 'The sender of this request and their rights, which all other results depend on.',
    resolve: (_, __, { viewer }) => viewer,
  }),
)
