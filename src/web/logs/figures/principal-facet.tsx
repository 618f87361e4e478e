// By whom: those chosen and those with the most events. All others the search box finds.

import { type Figures, MOST_PRINCIPALS, principalsCounted } from '../counted/figures.ts'
import { useWho } from '../counted/who.ts'
import { Name } from '../parts/name.tsx'
import { words as common } from '../parts/parts.words.ts'
import { nameOf, PrincipalHint, type PrincipalLike, shortId } from '../parts/principal.tsx'
import { go, view } from '../view/address.ts'
import { Choice, Choices, choosing, Facet } from './facet.tsx'
import { words } from './figures.words.ts'

interface Shown {
  readonly principal: PrincipalLike
  readonly count: number | null | undefined
}

export function PrincipalFacet({
  organizationId,
  figures,
}: {
  organizationId: string
  figures: Figures | undefined
}) {
  const t = words()
  const { principalIds } = view.value
  const { byPrincipal, all } = figures?.counts ?? {}
  const most: readonly Shown[] = byPrincipal?.counts ?? []
  const counted = new Map((all?.chosen ?? []).map(each => [each.principal.principalId, each]))
  const others = principalIds.filter(id =>
    most.every(({ principal }) => principal.principalId !== id),
  )
  const who = useWho(organizationId, others)
  const shown: Shown[] = [
    ...others.map((id, at) => ({
      principal: who[at] ?? counted.get(id)?.principal ?? unnamed(id),
      count: all && (counted.get(id)?.count ?? 0),
    })),
    ...most,
  ]
  return (
    <Facet name={common().principal}>
      <Choices>
        {shown.map(each => (
          <PrincipalChoice
            key={each.principal.principalId}
            {...each}
            isExact={byPrincipal?.isExact}
          />
        ))}
      </Choices>
      {most.length >= principalsCounted.value && most.length < MOST_PRINCIPALS && (
        <button
          type="button"
          class="plain quiet"
          onClick={() => {
            principalsCounted.value = MOST_PRINCIPALS
          }}
        >
          {t.more}
        </button>
      )}
    </Facet>
  )
}

/** Nothing more is known of it, or not yet. */
function unnamed(principalId: string): PrincipalLike {
  return { __typename: 'UnknownPrincipal', principalId, name: 'Unknown' }
}

function PrincipalChoice({
  principal,
  count,
  isExact = true,
}: Shown & { isExact?: boolean | undefined }) {
  const { principalIds, notPrincipalIds } = view.value
  const { __typename, principalId } = principal
  return (
    <Choice
      {...choosing(principalId, principalIds, notPrincipalIds, (principalIds, notPrincipalIds) =>
        go({ principalIds, notPrincipalIds }),
      )}
      name={__typename === 'UnknownPrincipal' ? principalId : nameOf(principal)}
      count={count}
      isExact={isExact}
      title={principalId}
      after={<PrincipalHint of={principal} />}
    >
      <span class={__typename}>
        <Name of={nameOf(principal)} />{' '}
        {__typename === 'UnknownPrincipal' && <span class="short-id">{shortId(principalId)}</span>}
      </span>
    </Choice>
  )
}
