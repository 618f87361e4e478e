// The words of the figures: what is counted, and how complete and fresh it is.

import { bilingual, number, plural } from '../language.ts'

export const words = bilingual(
  {
    overTime: 'Events over time',
    barsHelp:
      'Left and right go from bar to bar, with Shift they select, Enter zooms in, Escape cancels.',
    dragHelp: 'Drag over the bars to zoom in',
    zoomOut: 'Zoom out',
    noEvents: 'No events match.',
    filters: 'Filters',
    active: (count: number) => `${number(count)} active`,
    client: 'Client',
    exclude: (value: string) => `Exclude ${value}`,
    atLeast: (count: number) => `${number(count)} or more`,
    findPrincipal: 'Find by name or ID',
    nobodyFound: 'Nobody found.',
    moreFound: 'And others: type more of the name.',
    more: 'Show more',
    coverage: 'What the archive holds',
    noEventsYet: 'No events here yet',
    fromTo: (from: string, to: string) => `From ${from} to ${to}`,
    fromUntilAgo: (from: string, ago: string) => `From ${from} to ${ago}`,
    completeUntil: (date: string) => `complete until ${date}`,
    notComplete: 'its beginning was not read',
    lastRead: (ago: string) => `last read from Scaleway ${ago}`,
    staleSince: (ago: string) =>
      `last read from Scaleway ${ago}, so the newest events may be missing`,
    semicolon: ';',
    neverRead: 'imported, never read from Scaleway',
    neverReadYet: 'nothing was ever read from Scaleway',
    gaps: (count: number) =>
      `${number(count)} ${plural(count, 'stretch was', 'stretches were')} not read`,
    gap: (from: string, until: string) => `From ${from} until ${until}`,
    gapBefore: (until: string) => `Everything before ${until}`,
  },
  {
    overTime: 'Événements dans le temps',
    barsHelp:
      'Les flèches gauche et droite vont d’une barre à l’autre ; avec Maj, elles sélectionnent ; Entrée zoome ; Échap annule.',
    dragHelp: 'Faites glisser sur les barres pour zoomer',
    zoomOut: 'Zoom arrière',
    noEvents: 'Aucun événement ne correspond.',
    filters: 'Filtres',
    active: count => `${number(count)} ${plural(count, 'actif', 'actifs')}`,
    client: 'Client',
    exclude: value => `Exclure ${value}`,
    atLeast: count => `${number(count)} ou plus`,
    findPrincipal: 'Chercher par nom ou ID',
    nobodyFound: 'Aucun résultat.',
    moreFound: 'D’autres résultats existent : précisez le nom.',
    more: 'Afficher plus',
    coverage: 'Ce que contient l’archive',
    noEventsYet: 'Aucun événement pour le moment',
    fromTo: (from, to) => `Du ${from} au ${to}`,
    fromUntilAgo: (from, ago) => `Depuis le ${from}, dernier événement ${ago}`,
    completeUntil: date => `complet jusqu’au ${date}`,
    notComplete: 'le début n’a pas été lu',
    lastRead: ago => `dernière lecture chez Scaleway ${ago}`,
    staleSince: ago =>
      `dernière lecture chez Scaleway ${ago} : les événements les plus récents peuvent manquer`,
    semicolon: ' ;',
    neverRead: 'importé, jamais lu chez Scaleway',
    neverReadYet: 'rien n’a encore été lu chez Scaleway',
    gaps: count =>
      plural(
        count,
        `${number(count)} période n’a pas été lue`,
        `${number(count)} périodes n’ont pas été lues`,
      ),
    gap: (from, until) => `Du ${from} au ${until}`,
    gapBefore: until => `Tout avant le ${until}`,
  },
)
