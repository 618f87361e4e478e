// The words of the filters.

import { bilingual, number, plural } from '../language.ts'

export const words = bilingual(
  {
    filters: 'Filters and search',
    refresh: 'Refresh',
    rangeIs: (range: string) => `Period: ${range}`,
    from: 'From',
    until: 'Until',
    inZone: (zone: string) => `In the time zone ${zone}. An empty field sets no limit.`,
    fromFirst: 'The period ends before it begins: choose a later end.',
    applyRange: 'Show this period',
    search: 'Search',
    searchFor: 'Name, e-mail address, ID, IP address or block, user agent',
    suggestions: 'Suggestions',
    suggested: (count: number) =>
      count === 0
        ? 'No suggestions'
        : `${number(count)} ${plural(count, 'suggestion', 'suggestions')}`,
    kinds: {
      people: 'People',
      applications: 'Applications',
      others: 'Other principals',
      resources: 'Resources',
      addresses: 'IP addresses',
      clients: 'User agents',
    },
    inBlock: 'All addresses in this block',
    containing: (text: string) => `All that contain “${text}”`,
    nothingFound: (text: string) => `Nothing found for “${text}”.`,
    resourceId: 'Resource ID',
    conditions: 'Conditions',
    allBut: (what: string) => `${what} is not`,
    time: 'Period',
    changeTo: (condition: string) => `Change to: ${condition}`,
    remove: 'Remove',
    clearAll: 'Clear all',
  },
  {
    filters: 'Filtres et recherche',
    refresh: 'Actualiser',
    rangeIs: range => `Période : ${range}`,
    from: 'Du',
    until: 'Au',
    inZone: zone => `Dans le fuseau horaire ${zone}. Un champ vide ne fixe pas de limite.`,
    fromFirst: 'La période finit avant de commencer : choisissez une fin plus tardive.',
    applyRange: 'Afficher cette période',
    search: 'Rechercher',
    searchFor: 'Nom, adresse e-mail, ID, adresse ou bloc IP, user agent',
    suggestions: 'Suggestions',
    suggested: count =>
      count === 0
        ? 'Aucune suggestion'
        : `${number(count)} ${plural(count, 'suggestion', 'suggestions')}`,
    kinds: {
      people: 'Personnes',
      applications: 'Applications',
      others: 'Autres principaux',
      resources: 'Ressources',
      addresses: 'Adresses IP',
      clients: 'User agents',
    },
    inBlock: 'Toutes les adresses de ce bloc',
    containing: text => `Tous ceux qui contiennent « ${text} »`,
    nothingFound: text => `Aucun résultat pour « ${text} ».`,
    resourceId: 'ID de ressource',
    conditions: 'Conditions',
    allBut: what => `${what} sauf`,
    time: 'Période',
    changeTo: condition => `Changer en : ${condition}`,
    remove: 'Retirer',
    clearAll: 'Tout effacer',
  },
)
