// Views that viewers saved. Whose a view is, is decided by the viewer's account; what others do not share is as if it
// were not there. Read where it is written, as who saves a view looks for it at once.

import { randomUUID } from 'node:crypto'
import { quoted, UserError } from '../errors.ts'
import type { Instant } from '../instant.ts'
import { type SavedView, type SavedViewContent, VIEW_LIMITS } from '../saved-view.ts'
import type { SavedViews } from '../store.ts'
import { isKeepable } from '../text.ts'
import type { Viewer } from '../viewer.ts'
import type { Database, Given, Reads, Session } from './database.ts'
import { sql } from './drizzle.ts'
import { fold } from './fold.ts'
import { lockOrganization } from './lock.ts'
import {
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
  const { dialect } = db

  /** `null` for an Organization that is hidden or not there. */
  async function look(id: string): Promise<VisibleLog | null> {
    const log = await visibleLog(parts, id)
    if (log === null) return null
    const [there] = await readOrganizations(db, [log.organization])
    return there === undefined ? null : log
  }

  async function read(
    reads: Reads,
    { organizationId, organization, scope }: VisibleLog,
  ): Promise<SavedView[]> {
    const rows = await reads.rows<
      [unknown, string, string | null, string, string, number, Instant, Instant]
    >(
      sql`SELECT v.id, v.account, v.author, v.name, v.page_query, v.shared, v.created_at, v.updated_at
        FROM saved_views v WHERE v.organization = ${organization} AND (v.shared = 1 OR v.shared = 0 AND v.account = ${account})`,
    )
    return rows
      .map(([stored, of, author, name, pageQuery, shared, createdAt, updatedAt]): SavedView => {
        const mine = of === account
        return {
          ...{ organizationId, id: dialect.idFrom(stored), name, pageQuery, mine },
          ...{ shared: shared === 1, deletable: mine || scope.manages },
          author: mine || scope.details.user ? author : null,
          ...{ createdAt, updatedAt },
        }
      })
      .sort((a, b) => compare(fold(a.name), fold(b.name)) || compare(a.id, b.id))
  }

  /** In a transaction, in which nobody else writes to the Organization. */
  async function writing<T>(log: VisibleLog, work: (session: Session) => Promise<T>): Promise<T> {
    return db.transaction(async session => {
      await lockOrganization(session, log.organizationId)
      return work(session)
    })
  }

  async function find(reads: Reads, log: VisibleLog, id: string): Promise<SavedView | null> {
    return (await read(reads, log)).find(view => view.id === id) ?? null
  }

  /** Refuses what the viewer has already, or too much of. `view` is the one that is changed. */
  async function check(
    session: Session,
    log: VisibleLog,
    { name, shared }: SavedViewContent,
    view: SavedView | null,
  ): Promise<void> {
    const others = (await read(session, log)).filter(({ id }) => id !== view?.id)
    const own = others.filter(({ mine }) => mine)
    if (own.some(other => fold(other.name) === fold(name))) {
      throw new UserError(
        'BAD_USER_INPUT',
        `name: you have a view ${quoted(name)} already; give another name, or change that view`,
      )
    }
    if (view === null && own.length >= VIEW_LIMITS.own) {
      throw new UserError(
        'LIMIT_EXCEEDED',
        `you have ${VIEW_LIMITS.own} views in this Organization, as many as one may have; delete one`,
      )
    }
    const ofAll = others.filter(other => other.shared)
    if (shared && view?.shared !== true && ofAll.length >= VIEW_LIMITS.shared) {
      throw new UserError(
        'LIMIT_EXCEEDED',
        `${VIEW_LIMITS.shared} views are shared in this Organization, as many as may be; delete one`,
      )
    }
  }

  return {
    async list(organizationId) {
      const log = await look(organizationId)
      return log === null ? [] : read(db, log)
    },

    async find({ organizationId, id }) {
      const log = await look(organizationId)
      return log === null ? null : find(db, log, id)
    },

    async save(organizationId, content) {
      const log = await look(organizationId)
      if (log === null) return null
      const at = instant()
      const id = randomUUID()
      return writing(log, async session => {
        await check(session, log, content, null)
        const author = viewer.name !== null && isKeepable(viewer.name) ? viewer.name : null
        await dialect.intake.insertRows(session, 'saved_views', log.organization, [
          { name: 'id', as: 'id', values: [id] },
          ...texts({ account, author, name: content.name, page_query: content.pageQuery }),
          ...numbers({ shared: Number(content.shared), created_at: at, updated_at: at }),
        ])
        return find(session, log, id)
      })
    },

    async change({ organizationId, id }, change) {
      const log = await look(organizationId)
      if (log === null) return null
      const at = instant()
      return writing(log, async session => {
        const view = await find(session, log, id)
        if (view === null) return null
        if (!view.mine) throw foreign(view, 'who made it can change it; save one of your own')
        const content = { ...view, ...change }
        await check(session, log, content, view)
        const { name, pageQuery, shared } = content
        await session.run(
          sql`UPDATE saved_views SET name = ${name}, page_query = ${pageQuery}, shared = ${Number(shared)}, updated_at = ${at}
            WHERE organization = ${log.organization} AND id = ${dialect.id(id)}`,
        )
        return find(session, log, id)
      })
    },

    async delete({ organizationId, id }) {
      const log = await look(organizationId)
      if (log === null) return null
      return writing(log, async session => {
        const view = await find(session, log, id)
        if (view === null) return null
        if (!view.deletable)
          throw foreign(view, 'who made it, or an Owner of the Organization, can delete it')
        await session.run(
          sql`DELETE FROM saved_views WHERE organization = ${log.organization} AND id = ${dialect.id(id)}`,
        )
        return view
      })
    },
  }
}

function foreign({ name }: SavedView, instead: string): UserError {
  return new UserError('FORBIDDEN', `${quoted(name)} is somebody else's view; ${instead}`)
}

function texts(given: Readonly<Record<string, string | null>>): Given[] {
  return Object.entries(given).map(([name, value]) => ({ name, as: 'text', values: [value] }))
}

function numbers(given: Readonly<Record<string, number>>): Given[] {
  return Object.entries(given).map(([name, value]) => ({ name, as: 'number', values: [value] }))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
