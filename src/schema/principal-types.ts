// Principals in the graph. Only viewers who may see a User or Application get it; all others, and everybody after its
// removal, get the same UnknownPrincipal.

import type {
  ApiKey,
  Application,
  Principal,
  ScalewayPrincipal,
  UnknownPrincipal,
  User,
} from '../principal.ts'
import { builder, exposed } from './builder.ts'
import { LARGEST_PAGE, listed, pageSize } from './connection.ts'
import { costs } from './cost.ts'
import { idOf, NodeType, typeNameOf } from './node.ts'

export const PrincipalType = builder.interfaceRef<Principal>('Principal').implement({
  description: `Someone or something that acts: a User or an Application of the Organization's directory that the
viewer may see, Scaleway itself, or an unknown principal.`,
  fields: t => ({
    id: t.id({
      description: `The global ID of this principal in this Organization: unique in the whole graph, opaque and
permanent. It is the same for every viewer, whether or not they may see who the principal is.`,
      resolve: idOf,
    }),
    principalId: t.exposeID('id', {
      description:
        "Scaleway's ID of the principal, also of an unknown one. It is also the `resourceId` of events about it.",
    }),
    name: t.exposeString('name', {
      description:
        'The name to display: that of the User or Application, or `Scaleway`, or `Unknown`.',
    }),
  }),
  resolveType: typeNameOf,
})

export const UserType = builder.objectRef<User>('User').implement({
  description: 'A person who is currently a member of the Organization.',
  interfaces: [PrincipalType, NodeType],
  fields: t => ({
    ...exposed(t, 'String', {
      username: 'The user name for signing in; null if Scaleway gives none.',
      email: 'The e-mail address; null if Scaleway gives none.',
      firstName: 'The first name; null if there is none.',
      lastName: 'The last name; null if there is none.',
      type: "Scaleway's word for the type of user: `owner` or `member`.",
    }),
    ...exposed(t, 'Boolean', {
      mfa: 'Whether multi-factor authentication is enabled; null if Scaleway does not say.',
      locked: 'Whether the user is locked; null if Scaleway does not say.',
    }),
    ...exposed(t, 'DateTime', {
      createdAt: 'When the user was created; null if Scaleway does not say.',
      updatedAt: 'When the user was last updated; null if Scaleway does not say.',
      lastLoginAt:
        'When the user last signed in, as of the last sync of the directory; null if never.',
    }),
  }),
})

export const ApplicationType = builder.objectRef<Application>('Application').implement({
  description:
    'An existing application: a program that acts in the Organization with its own API keys.',
  interfaces: [PrincipalType, NodeType],
  fields: t => ({
    ...exposed(t, 'String', {
      description: 'The description given to it; null if there is none.',
    }),
    ...exposed(t, 'Boolean', {
      managed: 'Whether Scaleway created and manages it; null if Scaleway does not say.',
    }),
    ...exposed(t, 'DateTime', {
      createdAt: 'When the application was created; null if Scaleway does not say.',
      updatedAt: 'When the application was last updated; null if Scaleway does not say.',
    }),
  }),
})

/** For the descriptions of former names. */
export const KNOWN = `This is the last name that this archive knew at that time, or the first known name if it knew none yet.
A name that changed between two syncs of the directory is valid from the last update that Scaleway reports.`

/** For a field with a name at a point in time. */
export const NAME_AT = {
  args: builder.args(t => ({
    time: t.field({ type: 'DateTime', required: true, description: 'The point in time.' }),
  })),
  extensions: costs({ reads: 1 }),
}

const ApiKeyType = builder.objectRef<ApiKey>('ApiKey').implement({
  description: 'An existing API key. Its secret is not stored.',
  fields: t => ({
    accessKey: t.exposeID('id', {
      description: 'The access key. It is also the `resourceId` of events about the key.',
    }),
    ...exposed(t, 'String', {
      description: 'The description given to it; null if there is none.',
    }),
    ...exposed(t, 'DateTime', {
      createdAt: 'When it was created; null if Scaleway does not say.',
      updatedAt: 'When it was last updated; null if Scaleway does not say.',
      expiresAt: 'When it expires; null if never.',
    }),
  }),
})

for (const type of [UserType, ApplicationType]) {
  builder.objectFields(type, t => ({
    nameAt: t.string({
      description: `Its name at a point in time.
${KNOWN}`,
      ...NAME_AT,
      // A principal that has left is Unknown here as elsewhere.
      resolve: async ({ organizationId, id, name }, { time: at }, { load }) =>
        (await load.entryAt.load({ organizationId, id, at }))?.name ?? name,
    }),
    // A viewer who may see a user or application may see its keys.
    apiKeys: t.field({
      type: [ApiKeyType],
      description: 'Its existing API keys, newest first.',
      ...listed('keys', 20, 1),
      async resolve({ organizationId, id }, { first }, { load }) {
        const most = pageSize('first', first, `; ask for ${LARGEST_PAGE}`, 1)
        return (await load.apiKeys.load({ organizationId, id })).slice(0, most)
      },
    }),
  }))
}

export const UnknownPrincipalType = builder
  .objectRef<UnknownPrincipal>('UnknownPrincipal')
  .implement({
    description: `A principal that the viewer may not know: it left the Organization, or its invitation expired, or
the viewer may not see principals of its type. These cases cannot be distinguished.`,
    interfaces: [PrincipalType],
  })

export const ScalewayPrincipalType = builder
  .objectRef<ScalewayPrincipal>('ScalewayPrincipal')
  .implement({
    description: `Scaleway itself, for example when it creates the default groups of a new Organization or updates a
user who accepted an invitation.`,
    interfaces: [PrincipalType],
  })
