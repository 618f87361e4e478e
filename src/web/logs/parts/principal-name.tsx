// A principal in lists: the name links to the principal's page. Unknown and Scaleway are shown as such, with a hint;
// the ID distinguishes one Unknown from another.

import { useQueries } from '@tanstack/preact-query'
import { query } from '../api/ask.ts'
import { type NamedFragment, WhoIsDocument } from '../api/page-documents.ts'
import { useOrganization } from './answers.ts'
import { Hint, ViewLink } from './controls.tsx'
import { Name } from './name.tsx'
import { words as common } from './parts.words.ts'
import { visible } from './texts.ts'

export type PrincipalLike = NamedFragment

interface PrincipalProps {
  readonly of: PrincipalLike
  /** With a hint that explains Unknown and Scaleway. */
  readonly hinted?: boolean
  /** For the link, if the caller manages the focus. */
  readonly tabIndex?: number
}

export function Principal({ of, hinted = false, ...link }: PrincipalProps) {
  const { __typename, principalId } = of
  return (
    <span class={`principal ${__typename}`}>
      <ViewLink to={{ principalId, eventId: null }} title={principalId} {...link}>
        <Name of={nameOf(of)} />
      </ViewLink>{' '}
      {__typename === 'UnknownPrincipal' && <span class="short-id">{shortId(principalId)}</span>}
      {hinted && <PrincipalHint of={of} />}
    </span>
  )
}

/** A question mark that explains Unknown and Scaleway, by click, touch or keyboard. */
export function PrincipalHint({ of: { __typename } }: { of: PrincipalLike }) {
  if (__typename !== 'UnknownPrincipal' && __typename !== 'ScalewayPrincipal') return null
  return (
    <Hint class="icon" text="?" aria-label={common.what(common.kinds[__typename])}>
      {__typename === 'UnknownPrincipal' ? common.unknownHint : common.scalewayHint}
    </Hint>
  )
}

/** The kind of a principal that has a name of its own. */
export function Kind({ of: { __typename } }: { of: PrincipalLike }) {
  if (__typename !== 'User' && __typename !== 'Application') return null
  return <span class="kind quiet small">{common.kinds[__typename]}</span>
}

/** In the viewer's language for kinds without a name of their own; with invisible characters shown. */
export function nameOf({ __typename, name }: PrincipalLike): string {
  return __typename === 'UnknownPrincipal' ? common.kinds.UnknownPrincipal : visible(name)
}

/** With the start of the ID if the name alone is not unique; the ID itself if no principal is found, or not loaded yet. */
export function nameById(id: string, found: PrincipalLike | null | undefined): string {
  if (!found) return id
  return found.__typename === 'UnknownPrincipal' ? `${nameOf(found)} ${shortId(id)}` : nameOf(found)
}

/** As much of the ID as distinguishes it from others nearby. */
export function shortId(id: string): string {
  return id.length > 12 ? `${id.slice(0, 8)}…` : id
}

/** In the order of the IDs; `null` if only the ID is known, or the principal is not loaded yet. */
export function useWho(ids: readonly string[]): (PrincipalLike | null)[] {
  const { id: organizationId } = useOrganization()
  return useQueries({
    queries: ids.map(id => query(WhoIsDocument, { organizationId, id })),
    combine: results => results.map(({ data }) => data?.organization?.principal ?? null),
  })
}
