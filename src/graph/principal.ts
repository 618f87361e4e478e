// Principals in the graph. A User or an Application is only ever answered to who may see it; everyone else,
// and everyone after its removal, sees the same UnknownPrincipal.

import type {
  Application,
  Principal,
  ScalewayPrincipal,
  UnknownPrincipal,
  User,
} from '../principal.ts'
import { builder } from './builder.ts'
import { NodeType } from './node.ts'

export const PrincipalType = builder.interfaceRef<Principal>('Principal').implement({
  description: `Who acted. One of four: a User or an Application of the Organization's directory that the viewer
may see; Scaleway itself; or Unknown.`,
  fields: t => ({
    id: t.exposeID('id', { description: "Scaleway's ID of the principal; always there." }),
    name: t.exposeString('name', {
      description: 'What to show: the name of a User or Application, or `Scaleway`, or `Unknown`.',
    }),
  }),
  resolveType: typeNameOf,
})

export function typeNameOf({ kind }: Principal): string {
  return TYPE_NAMES[kind]
}

const TYPE_NAMES = {
  user: 'User',
  application: 'Application',
  unknown: 'UnknownPrincipal',
  scaleway: 'ScalewayPrincipal',
} as const

export const UserType = builder.objectRef<User>('User').implement({
  description: 'A person who is a member of the Organization now.',
  interfaces: [PrincipalType, NodeType],
  fields: t => ({
    username: t.exposeString('username', {
      nullable: true,
      description: 'The name the user signs in with; null where Scaleway gives none.',
    }),
    email: t.exposeString('email', {
      nullable: true,
      description: 'The e-mail address; null where Scaleway gives none.',
    }),
    firstName: t.exposeString('firstName', {
      nullable: true,
      description: 'The first name; null where the user gave none.',
    }),
    lastName: t.exposeString('lastName', {
      nullable: true,
      description: 'The last name; null where the user gave none.',
    }),
    type: t.exposeString('type', {
      nullable: true,
      description: "Scaleway's word for the user's standing: `owner` or `member`.",
    }),
    mfa: t.exposeBoolean('mfa', {
      nullable: true,
      description: 'Whether multi-factor authentication is on; null where Scaleway does not say.',
    }),
    locked: t.exposeBoolean('locked', {
      nullable: true,
      description: 'Whether the user is locked out; null where Scaleway does not say.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the user was made; null where Scaleway does not say.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the user was last changed; null where Scaleway does not say.',
    }),
    lastLoginAt: t.expose('lastLoginAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the user last signed in, as the directory knew it; null for never.',
    }),
  }),
})

export const ApplicationType = builder.objectRef<Application>('Application').implement({
  description: 'A program that acts in the Organization by API keys of its own, and exists now.',
  interfaces: [PrincipalType, NodeType],
  fields: t => ({
    description: t.exposeString('description', {
      nullable: true,
      description: 'What its maker wrote about it; null for nothing.',
    }),
    managed: t.exposeBoolean('managed', {
      nullable: true,
      description: 'Whether Scaleway made and manages it; null where Scaleway does not say.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the application was made; null where Scaleway does not say.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the application was last changed; null where Scaleway does not say.',
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
