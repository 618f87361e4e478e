// The API keys of a user or application: a viewer who may see the bearer may see its keys.

import type { ApiKey } from '../principal.ts'
import { builder, nullableFields } from './builder.ts'
import { LARGEST_PAGE, pageSize, requestedItems } from './connection.ts'
import { costs } from './cost.ts'
import { ApplicationType, UserType } from './principal-types.ts'

const ApiKeyType = builder.objectRef<ApiKey>('ApiKey').implement({
  description: 'An API key that exists now. Its secret is nowhere.',
  fields: t => ({
    accessKey: t.exposeID('id', {
      description: 'The access key, which is its ID as a resource of events.',
    }),
    ...nullableFields(t, 'String', {
      description: 'What its maker wrote about it; null for nothing.',
    }),
    ...nullableFields(t, 'DateTime', {
      createdAt: 'When it was made; null where Scaleway does not say.',
      updatedAt: 'When it was last changed; null where Scaleway does not say.',
      expiresAt: 'When it stops to be valid; null for never.',
    }),
  }),
})

for (const type of [UserType, ApplicationType]) {
  builder.objectField(type, 'apiKeys', t =>
    t.field({
      type: [ApiKeyType],
      description: 'The API keys it acts with now, the newest first.',
      args: builder.args(t => ({
        first: t.int({
          required: true,
          defaultValue: 20,
          description: `How many, from 1 to ${LARGEST_PAGE}.`,
        }),
      })),
      extensions: costs({ reads: 1, items: requestedItems }),
      async resolve({ organizationId, id }, { first }, { load }) {
        const most = pageSize('first', first, `; ask for ${LARGEST_PAGE}`, 1)
        return (await load.apiKeys.load({ organizationId, id })).slice(0, most)
      },
    }),
  )
}
