// Views that viewers saved. Whose a view is, is decided by the viewer's account; what others do not share is as if it
// were not there. Read where it is written, as who saves a view looks for it at once.

import { randomUUID } from 'node:crypto'
import { quoted, UserError } from '../errors.ts'
import type { Instant } from '../instant.ts'
import { type SavedView, type SavedViewContent, VIEW_LIMITS } from '../saved-view.ts'
import type { SavedViews } from '../store.ts'
import { isKeepable } from '../text.ts'
import type { Viewer } from '../viewer.ts'
import type { AccessScope, Visibility } from '../visibility.ts'
import type { Database, Given, OrganizationKey, Reads, Session } from './database.ts'
import { sql } from './drizzle.ts'
import { fold } from './fold.ts'
import { lockOrganization } from './lock.ts'
import { type Organizations, readOrganizations } from './organizations.ts'

export interface SavedViewParts {
  readonly db: Database
  readonly organizations: Organizations
  readonly visibility: Visibility
  readonly viewer: Pick<Viewer, 'account' | 'name'>
  readonly instant: () => Instant
}

interface Seen {
  readonly id: string
  readonly key: OrganizationKey
  readonly sight: AccessScope
}

export function createSavedViews(parts: SavedViewParts): SavedViews {
  const { db, organizations, visibility, viewer, instant } = parts
  const { account } = viewer
  const { dialect } = db

  /** `null` for an Organization that is hidden or not there. */
  async function look(id: string): Promise<Seen | null> {
    const sight = visibility.organizations.get(id)
    if (sight === undefined) return null
    const key = (await organizations.find(db, [id])).get(id)
    if (key === undefined) return null
    const [there] = await readOrganizations(db, [key])
    return there === undefined ? null : { id, key, sight }
  }

  async function read(reads: Reads, { id, key, sight }: Seen): Promise<SavedView[]> {
    const rows = await reads.rows<
      [unknown, string, string | null, string, string, number, Instant, Instant]
    >(
      sql`SELECT v.id, v.account, v.author, v.name, v.page_query, v.shared, v.created_at, v.updated_at
        FROM saved_views v WHERE v.organization = ${key} AND (v.shared = 1 OR v.shared = 0 AND v.account = ${account})`,
    )
    return rows
      .map(([stored, of, author, name, pageQuery, shared, createdAt, updatedAt]): SavedView => {
        const mine = of === account
        return {
          ...{ organizationId: id, id: dialect.idFrom(stored), name, pageQuery, mine },
          ...{ shared: shared === 1, deletable: mine || sight.manages },
          author: mine || sight.details.user ? author : null,
          ...{ createdAt, updatedAt },
        }
      })
      .sort((a, b) => compare(fold(a.name), fold(b.name)) || compare(a.id, b.id))
  }

  /** In a transaction, in which nobody else writes to the Organization. */
  async function writing<T>(seen: Seen, work: (session: Session) => Promise<T>): Promise<T> {
    return db.transaction(async session => {
      await lockOrganization(session, seen.id)
      return work(session)
    })
  }

  async function find(reads: Reads, seen: Seen, id: string): Promise<SavedView | null> {
    return (await read(reads, seen)).find(view => view.id === id) ?? null
  }

  /** Refuses what the viewer has already, or too much of. `view` is the one that is changed. */
  async function check(
    session: Session,
    seen: Seen,
    { name, shared }: SavedViewContent,
    view: SavedView | null,
  ): Promise<void> {
    const others = (await read(session, seen)).filter(({ id }) => id !== view?.id)
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
      const seen = await look(organizationId)
      return seen === null ? [] : read(db, seen)
    },

    async find({ organizationId, id }) {
      const seen = await look(organizationId)
      return seen === null ? null : find(db, seen, id)
    },

    async save(organizationId, content) {
      const seen = await look(organizationId)
      if (seen === null) return null
      const at = instant()
      const id = randomUUID()
      return writing(seen, async session => {
        await check(session, seen, content, null)
        const author = viewer.name !== null && isKeepable(viewer.name) ? viewer.name : null
        await dialect.intake.insertRows(session, 'saved_views', seen.key, [
          { name: 'id', as: 'id', values: [id] },
          ...texts({ account, author, name: content.name, page_query: content.pageQuery }),
          ...numbers({ shared: Number(content.shared), created_at: at, updated_at: at }),
        ])
        return find(session, seen, id)
      })
    },

    async change({ organizationId, id }, change) {
      const seen = await look(organizationId)
      if (seen === null) return null
      const at = instant()
      return writing(seen, async session => {
        const view = await find(session, seen, id)
        if (view === null) return null
        if (!view.mine) throw foreign(view, 'who made it can change it; save one of your own')
        const content = { ...view, ...change }
        await check(session, seen, content, view)
        const { name, pageQuery, shared } = content
        await session.run(
          sql`UPDATE saved_views SET name = ${name}, page_query = ${pageQuery}, shared = ${Number(shared)}, updated_at = ${at}
            WHERE organization = ${seen.key} AND id = ${dialect.id(id)}`,
        )
        return find(session, seen, id)
      })
    },

    async delete({ organizationId, id }) {
      const seen = await look(organizationId)
      if (seen === null) return null
      return writing(seen, async session => {
        const view = await find(session, seen, id)
        if (view === null) return null
        if (!view.deletable)
          throw foreign(view, 'who made it, or an Owner of the Organization, can delete it')
        await session.run(
          sql`DELETE FROM saved_views WHERE organization = ${seen.key} AND id = ${dialect.id(id)}`,
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
