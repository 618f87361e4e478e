// Names that somebody entered, and principals in lists: the name links to the principal's page. Unknown and Scaleway are
// shown as such, with a hint; the ID distinguishes one Unknown from another.

import { useQueries } from '@tanstack/preact-query'
import type { ComponentChildren } from 'preact'
import { query } from '../api/ask.ts'
import { type NamedFragment, WhoIsDocument } from '../api/page-documents.ts'
import { useOrganization } from './answers.ts'
import { Hint, ViewLink } from './controls.tsx'
import { words as common } from './parts.words.ts'
import { visible } from './texts.ts'

/** A name by itself: isolated, so that right-to-left text does not affect its neighbours. */
export function Name({ of }: { of: string }) {
  return <bdi>{visible(of)}</bdi>
}

/** What is known, and its name; renders nothing if it is not known. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  if (!children) return null
  return (
    <div>
      <dt>{name}</dt>
      <dd>{typeof children === 'string' ? <Name of={children} /> : children}</dd>
    </div>
  )
}

export type PrincipalLike = NamedFragment

interface PrincipalProps {
  readonly of: PrincipalLike
  /** As a link to the principal's page. */
  readonly linked?: boolean
  /** With a hint that explains Unknown and Scaleway. */
  readonly hinted?: boolean
  /** For the link, if the caller manages the focus. */
  readonly tabIndex?: number
}

export function Principal({ of, linked = true, hinted = false, ...link }: PrincipalProps) {
  const { __typename, principalId } = of
  const name = <Name of={nameOf(of)} />
  return (
    <span class={`principal ${__typename}`}>
      {linked ? (
        <ViewLink to={{ principalId, eventId: null }} title={principalId} {...link}>
          {name}
        </ViewLink>
      ) : (
        name
      )}{' '}
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
