// Saved views of the Logs page: the only things that clients can write.

import { InputError, quoted } from '../errors.ts'
import { canonicalId } from '../id.ts'
import { type SavedView, type SavedViewContent, VIEW_LIMITS } from '../saved-view.ts'
import { isKeepable } from '../text.ts'
import { checkLength } from './arguments.ts'
import { builder, exposed } from './builder.ts'
import { costs } from './cost.ts'
import { keyFrom, NodeType } from './node.ts'
import { OrganizationType } from './organization-type.ts'

const SHARED = 'Whether everyone who may see the events of the Organization can see the view.'

const SavedViewType = builder.objectRef<SavedView>('SavedView').implement({
  description: `A saved view of the Logs page, either private or shared with everyone who may see the events of the
Organization.`,
  interfaces: [NodeType],
  fields: t => ({
    ...exposed(t, 'String!', {
      name: `The name. It is unique among the viewer's own views of an Organization, ignoring case and accents;
different viewers may share views with the same name.`,
      pageQuery: `The view as the query string of the Logs page's URL, such as \`last=7d&actions=DELETED\`. Empty
for the view of all events.`,
    }),
    ...exposed(t, 'Boolean!', {
      shared: SHARED,
      mine: 'Whether the viewer created it and may therefore change it.',
      deletable: `Whether the viewer may delete it: the viewer's own views and, for an Owner, OrganizationManager or
IAMManager, also shared ones.`,
    }),
    ...exposed(t, 'String', {
      author: `The name of the token or person that created it; null if it has no name, or if someone else
created it and the viewer may not see the Organization's Users.`,
    }),
    ...exposed(t, 'DateTime!', {
      createdAt: 'When it was created.',
      updatedAt: 'When it was last updated.',
    }),
  }),
})

const WRITES = costs({ reads: 100 })

builder.objectField(OrganizationType, 'savedViews', t =>
  t.field({
    type: [SavedViewType],
    description: `The viewer's own saved views, at most ${VIEW_LIMITS.own}, and the shared ones, at most
${VIEW_LIMITS.shared}, sorted by name, then \`id\`.`,
    extensions: costs({ reads: 10, items: () => VIEW_LIMITS.own + VIEW_LIMITS.shared }),
    resolve: ({ id }, _, { savedViews }) => savedViews.list(id),
  }),
)

builder.mutationType({
  description: `Changes to saved views of the Logs page. The log itself cannot be changed. Mutations must be sent by
POST.`,
})

/** Visible ASCII, as browsers write it, without the question mark and the fragment. */
const PAGE_QUERY_TEXT = /^(?!\?)[!"$-~]*$/

const NAME = `The name, of at most ${VIEW_LIMITS.name} characters.`
const PAGE_QUERY = `The query string of the page's URL, of at most ${VIEW_LIMITS.pageQuery} characters, without the
question mark.`

builder.mutationFields(t => ({
  saveView: t.field({
    type: SavedViewType,
    nullable: true,
    description: `Saves a view of an Organization. Null, and nothing is saved, if the Organization does not exist or
the viewer may not see its events.`,
    args: {
      organizationId: t.arg.id({ required: true, description: "The Organization's ID." }),
      name: t.arg.string({ required: true, description: NAME }),
      pageQuery: t.arg.string({ required: true, description: PAGE_QUERY }),
      shared: t.arg.boolean({ required: true, defaultValue: false, description: SHARED }),
    },
    extensions: WRITES,
    resolve(_, { organizationId, ...content }, { savedViews }) {
      return savedViews.save(canonicalId(organizationId), checked(content))
    },
  }),
  changeView: t.field({
    type: SavedViewType,
    nullable: true,
    description: `Changes one of the viewer's own views; arguments that are omitted or null leave the value unchanged.
Null if the view does not exist or the viewer may not see it; FORBIDDEN if someone else shared it.`,
    args: {
      id: t.arg.id({ required: true, description: 'The `id` of the view.' }),
      name: t.arg.string({ description: NAME }),
      pageQuery: t.arg.string({ description: PAGE_QUERY }),
      shared: t.arg.boolean({ description: 'Whether to share it.' }),
    },
    extensions: WRITES,
    resolve(_, { id, name, pageQuery, shared }, { savedViews }) {
      const change = checked({
        ...(name != null && { name }),
        ...(pageQuery != null && { pageQuery }),
        ...(shared != null && { shared }),
      })
      const key = keyFrom('view', id)
      return key === null ? null : savedViews.change(key, change)
    },
  }),
  deleteView: t.field({
    type: SavedViewType,
    nullable: true,
    description: `Deletes a view and returns it. Null if the view does not exist or the viewer may not see it;
FORBIDDEN if it is not \`deletable\`.`,
    args: { id: t.arg.id({ required: true, description: 'The `id` of the view.' }) },
    extensions: WRITES,
    resolve(_, { id }, { savedViews }) {
      const key = keyFrom('view', id)
      return key === null ? null : savedViews.delete(key)
    },
  }),
}))

/** Checked before anything is read. A name is stored in one Unicode form, without surrounding white space. */
function checked<Content extends Partial<SavedViewContent>>(content: Content): Content {
  const { name, pageQuery } = content
  for (const argument of ['pageQuery', 'name'] as const) {
    checkLength(argument, content[argument] ?? '', VIEW_LIMITS[argument], 'give a shorter one')
  }
  if (pageQuery !== undefined && !PAGE_QUERY_TEXT.test(pageQuery)) {
    throw new InputError(
      `pageQuery: ${quoted(pageQuery)} is not a query string; give the part after the question mark of the page's address`,
    )
  }
  if (name === undefined) return content
  const normalized = name.normalize('NFC').replace(/\s+/g, ' ').trim()
  if (normalized !== '' && isKeepable(normalized) && !/\p{Cc}/u.test(normalized)) {
    return { ...content, name: normalized }
  }
  throw new InputError(
    `name: ${quoted(name)} is not a valid name; give visible characters, without control characters`,
  )
}
