// Former names of principals and resources. For an event they are fields of the event itself, as clients that cache by
// ID keep one User or Resource for all events; elsewhere there is an argument for the instant.

import { principalNameThen, resourceNameThen } from '../principal.ts'
import { builder } from './builder.ts'
import { costs } from './cost.ts'
import { EventType, ResourceType } from './event-type.ts'
import { ApplicationType, UserType } from './principal-types.ts'

const KNOWN = `This is the last name that this archive knew at that time, or the first known name if it knew none yet.
A name that changed between two syncs of the directory is valid from the last update that Scaleway reports.`

const arguments_ = builder.args(t => ({
  time: t.field({ type: 'DateTime', required: true, description: 'The point in time.' }),
}))

builder.objectFields(EventType, t => ({
  principalNameThen: t.string({
    nullable: true,
    description: `The name of \`principal\` when the event happened.
${KNOWN}
Null if the principal is Unknown now.`,
    async resolve(event, _, { load, log }) {
      const { organizationId, principalId: id, createdAt: at } = event
      const found = await load.entryAt.load({ organizationId, id, at })
      return principalNameThen(event, found, log.scalewayIds)
    },
  }),
  resourceNameThen: t.string({
    nullable: true,
    description: `The name of \`resource\` when the event happened.
${KNOWN}
Null if the resource was deleted since, is hidden from the viewer, or had no name.`,
    async resolve(event, _, { load }) {
      const { organizationId, resourceId: id, createdAt: at } = event
      return resourceNameThen(event, await load.entryAt.load({ organizationId, id, at }))
    },
  }),
}))

builder.objectField(ResourceType, 'nameAt', t =>
  t.string({
    nullable: true,
    description: `Its name at a point in time.
${KNOWN}
Null if the resource was deleted since, is hidden from the viewer, or had no name.`,
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
      description: `Its name at a point in time.
${KNOWN}`,
      args: arguments_,
      extensions: costs({ reads: 1 }),
      // A principal that has left is Unknown here as elsewhere.
      resolve: async ({ organizationId, id, name }, { time: at }, { load }) =>
        (await load.entryAt.load({ organizationId, id, at }))?.name ?? name,
    }),
  )
}
