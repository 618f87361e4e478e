// The viewer, and what it may see in which Organization.

import type { Membership, Viewer } from '../viewer.ts'
import { accessScopeOf } from '../visibility.ts'
import { builder } from './builder.ts'
import { costs } from './cost.ts'
import { OrganizationType } from './organization-type.ts'

const MembershipType = builder.objectRef<Membership>('Membership').implement({
  description: "The viewer's standing in one Organization, and what it lets the viewer see there.",
  fields: t => ({
    organization: t.field({
      type: OrganizationType,
      description:
        'The Organization; without `seesEvents` only its ID is told, and it has no events and no principals.',
      resolve: ({ organizationId }, _, { load }) => load.organizationOrId(organizationId),
    }),
    owner: t.exposeBoolean('owner', {
      description: 'Whether the viewer is an Owner, who sees everything.',
    }),
    permissionSets: t.exposeStringList('permissionSets', {
      description: "Scaleway's names of the permission sets the viewer holds there.",
    }),
    seesEvents: t.boolean({
      description:
        'Whether events are shown. Without them the Organization answers as if it did not exist.',
      resolve: membership => accessScopeOf(membership).events,
    }),
    seesUsers: t.boolean({
      description: 'Whether Users are shown as such, where events are shown; otherwise as Unknown.',
      resolve: membership => accessScopeOf(membership).details.user,
    }),
    seesApplications: t.boolean({
      description:
        'Whether Applications are shown as such, where events are shown; otherwise as Unknown.',
      resolve: membership => accessScopeOf(membership).details.application,
    }),
  }),
})

const ViewerType = builder.objectRef<Viewer>('Viewer').implement({
  description: 'Who asks: the holder of the access token of this request, or who signed in.',
  fields: t => ({
    id: t.exposeID('id', {
      description:
        "The token's ID, by which it can be revoked; of who signed in, an ID that stays the same.",
    }),
    name: t.exposeString('name', {
      nullable: true,
      description: "The token's name, null where it was given none; or the name of who signed in.",
    }),
    memberships: t.expose('memberships', {
      type: [MembershipType],
      description: 'One for each Organization in which the viewer was given rights.',
      extensions: costs({ items: (_, memberships) => memberships }),
    }),
  }),
})

builder.queryField('viewer', t =>
  t.field({
    type: ViewerType,
    description: 'Who asks, and what the answer to anything else depends on.',
    resolve: (_, __, { viewer }) => viewer,
  }),
)
