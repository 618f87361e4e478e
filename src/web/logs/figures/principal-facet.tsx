// The selected principals and those with the most events. All others can be found with the search box.

import { type Figures, MOST_PRINCIPALS, principalsCounted } from '../counted/use-figures.ts'
import { Button } from '../parts/button.tsx'
import { Name } from '../parts/name.tsx'
import { words as common } from '../parts/parts.words.ts'
import {
  nameOf,
  PrincipalHint,
  type PrincipalLike,
  shortId,
  useWho,
} from '../parts/principal-name.tsx'
import { view } from '../view/page-address.ts'
import { Facet, type Option } from './facet.tsx'
import { words } from './figures.words.ts'

export function PrincipalFacet({ counts }: { counts: Figures['counts'] | undefined }) {
  const { byPrincipal, all } = counts ?? {}
  const most = byPrincipal?.counts ?? []
  const others = view.value.principalIds.filter(id =>
    most.every(({ principal }) => principal.principalId !== id),
  )
  const who = useWho(others)
  const chosen = others.map((id, at) => {
    const counted = all?.chosen?.find(({ principal }) => principal.principalId === id)
    return {
      principal: who[at] ?? counted?.principal ?? unnamed(id),
      count: all && (counted?.count ?? 0),
    }
  })
  return (
    <Facet
      legend={common().principal}
      of="principalIds"
      options={[...chosen, ...most].map(({ principal, count }) => ({
        ...described(principal),
        ...{ count, isExact: byPrincipal?.isExact },
      }))}
    >
      {most.length >= principalsCounted.value && most.length < MOST_PRINCIPALS && (
        <Button
          class="plain quiet"
          onClick={() => {
            principalsCounted.value = MOST_PRINCIPALS
          }}
        >
          {words().more}
        </Button>
      )}
    </Facet>
  )
}

/** A principal of which only the ID is known, at least for now. */
function unnamed(principalId: string): PrincipalLike {
  return { __typename: 'UnknownPrincipal', principalId, name: 'Unknown' }
}

function described(principal: PrincipalLike): Omit<Option, 'count'> {
  const { __typename, principalId } = principal
  const isUnknown = __typename === 'UnknownPrincipal'
  return {
    ...{ value: principalId, label: isUnknown ? principalId : nameOf(principal) },
    ...{ title: principalId, after: <PrincipalHint of={principal} /> },
    shown: (
      <span class={__typename}>
        <Name of={nameOf(principal)} />{' '}
        {isUnknown && <span class="short-id">{shortId(principalId)}</span>}
      </span>
    ),
  }
}
