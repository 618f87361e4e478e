// A principal in lists: the name links to the principal's page. Unknown and Scaleway are shown as such, with a hint;
// the ID distinguishes one Unknown from another.

import { Hint } from './hint.tsx'
import { Name } from './name.tsx'
import { words } from './parts.words.ts'
import { ViewLink } from './view-link.tsx'
import { visible } from './visible.ts'

export interface PrincipalLike {
  readonly __typename: 'User' | 'Application' | 'UnknownPrincipal' | 'ScalewayPrincipal'
  readonly principalId: string
  readonly name: string
}

/**
 * `hinted`: with a hint that explains Unknown and Scaleway. `tabIndex` is for the link, if the caller manages the
 * focus.
 */
export function Principal({
  of,
  hinted = false,
  tabIndex,
}: {
  of: PrincipalLike
  hinted?: boolean
  tabIndex?: number
}) {
  return (
    <span class={`principal ${of.__typename}`}>
      <ViewLink
        to={{ principalId: of.principalId, eventId: null }}
        title={of.principalId}
        {...(tabIndex !== undefined && { tabIndex })}
      >
        <Name of={nameOf(of)} />
      </ViewLink>
      {of.__typename === 'UnknownPrincipal' && (
        <span class="short-id">{shortId(of.principalId)}</span>
      )}
      {hinted && <PrincipalHint of={of} />}
    </span>
  )
}

export function PrincipalHint({ of }: { of: PrincipalLike }) {
  const t = words()
  if (of.__typename === 'UnknownPrincipal') return <Hint name={t.unknown} text={t.unknownHint} />
  if (of.__typename === 'ScalewayPrincipal') return <Hint name="Scaleway" text={t.scalewayHint} />
  return null
}

/** In the viewer's language for kinds without a name of their own; with invisible characters shown. */
export function nameOf({ __typename, name }: PrincipalLike): string {
  return __typename === 'UnknownPrincipal' ? words().unknown : visible(name)
}

/** With the start of the ID if the name alone is not unique. */
function distinctName(of: PrincipalLike): string {
  return of.__typename === 'UnknownPrincipal'
    ? `${nameOf(of)} ${shortId(of.principalId)}`
    : nameOf(of)
}

/** The ID itself if no principal is found, or not loaded yet. */
export function nameById(id: string, found: PrincipalLike | null | undefined): string {
  return found ? distinctName(found) : id
}

/** As much of the ID as distinguishes it from others nearby. */
export function shortId(id: string): string {
  return id.length > 12 ? `${id.slice(0, 8)}…` : id
}
