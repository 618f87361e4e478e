// Principals in the graph. Only viewers who may see a User or Application get it; all others, and everybody after its removal,
// get the same UnknownPrincipal.

import type {
  Application,
  Principal,
  ScalewayPrincipal,
  UnknownPrincipal,
  User,
} from '../principal.ts'
import { builder, nullableFields } from './builder.ts'
import { idOf, NodeType, typeNameOf } from './node.ts'

export const PrincipalType = builder.interfaceRef<Principal>('Principal').implement({
  description: `Who acted. One of four: a User or an Application of the Organization's directory that the viewer
may see; Scaleway itself; or Unknown.`,
  fields: t => ({
    id: t.id({
      description: `Of this principal in this Organization alone: nothing else in the graph has the same. It does not depend
on what the viewer may know of the principal. Opaque; stays valid.`,
      resolve: idOf,
    }),
    principalId: t.exposeID('id', {
      description:
        "Scaleway's ID of the principal; always there. A user's or application's is also its ID as a resource.",
    }),
    name: t.exposeString('name', {
      description: 'What to show: the name of a User or Application, or `Scaleway`, or `Unknown`.',
    }),
  }),
  resolveType: typeNameOf,
})

export const UserType = builder.objectRef<User>('User').implement({
  description: 'A person who is a member of the Organization now.',
  interfaces: [PrincipalType, NodeType],
  fields: t => ({
    ...nullableFields(t, 'String', {
      username: 'The name the user signs in with; null where Scaleway gives none.',
      email: 'The e-mail address; null where Scaleway gives none.',
      firstName: 'The first name; null where the user gave none.',
      lastName: 'The last name; null where the user gave none.',
      type: "Scaleway's word for the user's standing: `owner` or `member`.",
    }),
    ...nullableFields(t, 'Boolean', {
      mfa: 'Whether multi-factor authentication is on; null where Scaleway does not say.',
      locked: 'Whether the user is locked out; null where Scaleway does not say.',
    }),
    ...nullableFields(t, 'DateTime', {
      createdAt: 'When the user was made; null where Scaleway does not say.',
      updatedAt: 'When the user was last changed; null where Scaleway does not say.',
      lastLoginAt: 'When the user last signed in, as the directory knew it; null for never.',
    }),
  }),
})

export const ApplicationType = builder.objectRef<Application>('Application').implement({
  description: 'A program that acts in the Organization by API keys of its own, and exists now.',
  interfaces: [PrincipalType, NodeType],
  fields: t => ({
    ...nullableFields(t, 'String', {
      description: 'What its maker wrote about it; null for nothing.',
    }),
    ...nullableFields(t, 'Boolean', {
      managed: 'Whether Scaleway made and manages it; null where Scaleway does not say.',
    }),
    ...nullableFields(t, 'DateTime', {
      createdAt: 'When the application was made; null where Scaleway does not say.',
      updatedAt: 'When the application was last changed; null where Scaleway does not say.',
    }),
  }),
})

export const UnknownPrincipalType = builder
  .objectRef<UnknownPrincipal>('UnknownPrincipal')
  .implement({
    description: `Someone the viewer cannot be told about: it left the Organization, or the viewer may not see
principals of its kind, or it was invited and never joined. Which of these it is cannot be told apart.`,
    interfaces: [PrincipalType],
  })

export const ScalewayPrincipalType = builder
  .objectRef<ScalewayPrincipal>('ScalewayPrincipal')
  .implement({
    description: `Scaleway itself, as when it makes the default groups of a new Organization or adds a user who
accepted an invitation.`,
    interfaces: [PrincipalType],
  })
