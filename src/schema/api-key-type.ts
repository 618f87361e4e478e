// The API keys of a user or application: a viewer who may see the bearer may see its keys.

import type { ApiKey } from '../principal.ts'
import { builder, exposed } from './builder.ts'
import { firstArgument, LARGEST_PAGE, pageSize, requestedItems } from './connection.ts'
import { costs } from './cost.ts'
import { ApplicationType, UserType } from './principal-types.ts'

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
  builder.objectField(type, 'apiKeys', t =>
    t.field({
      type: [ApiKeyType],
      description: 'Its existing API keys, newest first.',
      args: firstArgument('keys', 20),
      extensions: costs({ reads: 1, items: requestedItems }),
      async resolve({ organizationId, id }, { first }, { load }) {
        const most = pageSize('first', first, `; ask for ${LARGEST_PAGE}`, 1)
        return (await load.apiKeys.load({ organizationId, id })).slice(0, most)
      },
    }),
  )
}
