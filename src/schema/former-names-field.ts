// Former names of principals and resources. For an event they are fields of the event itself, as clients that cache by ID keep
// one User or Resource for all events; elsewhere there is an argument for the instant.

import { principalNameThen, resourceNameThen } from '../principal.ts'
import { builder } from './builder.ts'
import { costs } from './cost.ts'
import { EventType, ResourceType } from './event-type.ts'
import { ApplicationType, UserType } from './principal-types.ts'

const KNOWN = `That is the last name this archive had seen by then, or, where it had seen none yet, the first it ever saw.
Between two looks at Scaleway's directory, a new name counts from the last update Scaleway tells of.`

const arguments_ = builder.args(t => ({
  time: t.field({ type: 'DateTime', required: true, description: 'When.' }),
}))

builder.objectFields(EventType, t => ({
  principalNameThen: t.string({
    nullable: true,
    description: `What \`principal\` was called when the event happened.
${KNOWN}
Null where the principal is Unknown now.`,
    async resolve(event, _, { load, log }) {
      const { organizationId, principalId: id, createdAt: at } = event
      const found = await load.entryAt.load({ organizationId, id, at })
      return principalNameThen(event, found, log.scalewayIds)
    },
  }),
  resourceNameThen: t.string({
    nullable: true,
    description: `What \`resource\` was called when the event happened.
${KNOWN}
Null where it is gone now, or hidden from the viewer, or had no name.`,
    async resolve(event, _, { load }) {
      const { organizationId, resourceId: id, createdAt: at } = event
      return resourceNameThen(event, await load.entryAt.load({ organizationId, id, at }))
    },
  }),
}))

builder.objectField(ResourceType, 'nameAt', t =>
  t.string({
    nullable: true,
    description: `What it was called at an instant.
${KNOWN}
Null where it is gone now, or hidden from the viewer, or had no name.`,
    args: arguments_,
    extensions: costs({ reads: 1 }),
    async resolve(event, { time: at }, { load }) {
      const { organizationId, resourceId: id } = event
      return resourceNameThen(event, await load.entryAt.load({ organizationId, id, at }))
    },
  }),
)

for (const type of [UserType, ApplicationType]) {
  builder.objectField(type, 'nameAt', t =>
    t.string({
      description: `What it was called at an instant.
${KNOWN}`,
      args: arguments_,
      extensions: costs({ reads: 1 }),
      // A principal that has left is Unknown here as elsewhere.
      resolve: async ({ organizationId, id, name }, { time: at }, { load }) =>
        (await load.entryAt.load({ organizationId, id, at }))?.name ?? name,
    }),
  )
}
