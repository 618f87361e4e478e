// Saved views. The viewer's account identifies the owner of a view; another viewer's view that is not shared is treated
// as missing. Always read from the primary, because a viewer looks for a view right after saving it.

import { randomUUID } from 'node:crypto'
import { InputError, quoted, UserError } from '../errors.ts'
import type { Instant } from '../instant.ts'
import { type SavedView, type SavedViewContent, VIEW_LIMITS } from '../saved-view.ts'
import type { SavedViews } from '../store.ts'
import { compareTexts, isKeepable } from '../text.ts'
import type { Viewer } from '../viewer.ts'
import type { Database, Reads, Session } from './database.ts'
import { and, eq, or } from './drizzle.ts'
import { fold } from './fold.ts'
import {
  lockOrganization,
  readOrganizations,
  type VisibleLog,
  type VisibleLogParts,
  visibleLog,
} from './organizations.ts'

export interface SavedViewParts extends VisibleLogParts {
  readonly db: Database
  readonly viewer: Pick<Viewer, 'account' | 'name'>
  readonly instant: () => Instant
}

export function createSavedViews(parts: SavedViewParts): SavedViews {
  const { db, viewer, instant } = parts
  const { account } = viewer
  const { savedViews } = db.dialect.tables
  const { organization, id } = savedViews

  /** `null` for an Organization that is hidden or does not exist. */
  async function logOf(organizationId: string): Promise<VisibleLog | null> {
    const log = await visibleLog(parts, organizationId)
    if (log === null) return null
    const [there] = await readOrganizations(db, [log.organization])
    return there === undefined ? null : log
  }

  /** Runs `work` in a transaction that holds the Organization's lock, with the views that the viewer may see. */
  async function write(
    organizationId: string,
    work: (session: Session, log: VisibleLog, views: SavedView[]) => Promise<SavedView | null>,
  ): Promise<SavedView | null> {
    const log = await logOf(organizationId)
    if (log === null) return null
    return db.transaction(async session => {
      await lockOrganization(session, organizationId)
      return work(session, log, await readViews(session, log, account))
    })
  }

  async function list(organizationId: string): Promise<SavedView[]> {
    const log = await logOf(organizationId)
    return log === null ? [] : readViews(db, log, account)
  }

  const isView = (log: VisibleLog, view: SavedView) =>
    and(eq(organization, log.organization), eq(id, view.id))

  return {
    list,
    find: async ({ organizationId, id }) => withId(await list(organizationId), id),

    save: (organizationId, content) =>
      write(organizationId, async (session, log, views) => {
        check(views, content, null)
        const id = randomUUID()
        const at = instant()
        await session.build(b =>
          b.insert(savedViews).values({
            ...{ organization: log.organization, id, account, ...rowOf(content) },
            author: viewer.name !== null && isKeepable(viewer.name) ? viewer.name : null,
            ...{ createdAt: at, updatedAt: at },
          }),
        )
        return withId(await readViews(session, log, account), id)
      }),

    change: ({ organizationId, id }, change) =>
      write(organizationId, async (session, log, views) => {
        const view = withId(views, id)
        if (view === null) return null
        if (!view.mine) throw foreign(view, 'only its author can change it; save your own view')
        const content = { ...view, ...change }
        check(views, content, view)
        const row = { ...rowOf(content), updatedAt: instant() }
        await session.build(b => b.update(savedViews).set(row).where(isView(log, view)))
        return withId(await readViews(session, log, account), id)
      }),

    delete: ({ organizationId, id }) =>
      write(organizationId, async (session, log, views) => {
        const view = withId(views, id)
        if (view === null) return null
        if (!view.deletable)
          throw foreign(view, 'only its author or an Owner of the Organization can delete it')
        await session.build(b => b.delete(savedViews).where(isView(log, view)))
        return view
      }),
  }
}

/** The views of an account and the shared ones, by name, then ID. */
async function readViews(
  reads: Reads,
  { organizationId, organization, scope }: VisibleLog,
  account: string,
): Promise<SavedView[]> {
  const { savedViews } = reads.dialect.tables
  const { shared } = savedViews
  const mayBeSeen = or(eq(shared, 1), and(eq(shared, 0), eq(savedViews.account, account)))
  const which = and(eq(savedViews.organization, organization), mayBeSeen)
  const rows = await reads.build(b => b.select().from(savedViews).where(which))
  return rows
    .map((row): SavedView => {
      const { id, name, pageQuery, createdAt, updatedAt } = row
      const mine = row.account === account
      return {
        ...{ organizationId, id, name, pageQuery, mine, createdAt, updatedAt },
        ...{ shared: row.shared === 1, deletable: mine || scope.has('manages') },
        author: mine || scope.has('user') ? row.author : null,
      }
    })
    .sort((a, b) => compareTexts(fold(a.name), fold(b.name)) || compareTexts(a.id, b.id))
}

function withId(views: readonly SavedView[], id: string): SavedView | null {
  return views.find(view => view.id === id) ?? null
}

function rowOf({ name, pageQuery, shared }: SavedViewContent) {
  return { name, pageQuery, shared: Number(shared) }
}

/** Checks name and limits. `changed`: the view that gets this content; `null`: a new view. */
function check(
  views: readonly SavedView[],
  { name, shared }: SavedViewContent,
  changed: SavedView | null,
): void {
  const others = views.filter(({ id }) => id !== changed?.id)
  const own = others.filter(({ mine }) => mine)
  if (own.some(other => fold(other.name) === fold(name))) {
    throw new InputError(
      `name: you already have a view ${quoted(name)}; give another name, or change that view`,
    )
  }
  if (changed === null && own.length >= VIEW_LIMITS.own) {
    throw new UserError(
      'LIMIT_EXCEEDED',
      `you have ${VIEW_LIMITS.own} views in this Organization, the most allowed; delete one`,
    )
  }
  const sharedOnes = others.filter(other => other.shared)
  if (shared && changed?.shared !== true && sharedOnes.length >= VIEW_LIMITS.shared) {
    throw new UserError(
      'LIMIT_EXCEEDED',
      `${VIEW_LIMITS.shared} views are shared in this Organization, the most allowed; delete one`,
    )
  }
}

function foreign({ name }: SavedView, instead: string): UserError {
  return new UserError('FORBIDDEN', `the view ${quoted(name)} belongs to another user; ${instead}`)
}
