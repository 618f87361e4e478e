// The words of the filters.

import { bilingual, number, plural } from '../language.ts'
import type { Span } from '../view/view.ts'
import type { Added, Kind } from './added.ts'

export const words = bilingual(
  {
    filters: 'Filters and search',
    refresh: 'Refresh',
    rangeIs: (range: string) => `Period: ${range}`,
    spans: {
      '1h': 'Last hour',
      '24h': 'Last 24 hours',
      '7d': 'Last 7 days',
      '30d': 'Last 30 days',
      '90d': 'Last 90 days',
      '365d': 'Last 365 days',
    } as Record<Span, string>,
    allTime: 'All time',
    since: (date: string) => `Since ${date}`,
    before: (date: string) => `Before ${date}`,
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
    } as Record<Kind, string>,
    inBlock: 'All addresses in it',
    containing: (text: string) => `All that contain “${text}”`,
    wrongAddress: (word: string) =>
      `“${word}” is not an IP address. Write an address like 203.0.113.7 or 2001:db8::7, or a block like 203.0.113.0/24.`,
    nothingFound: (text: string) => `Nothing found for “${text}”.`,
    meanings: {
      ipAddresses: 'IP address',
      resourceIds: 'Resource ID',
      principalIds: 'Principal',
      userAgents: 'User agent',
    } as Record<Added, string>,
    apply: 'Search',
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
    spans: {
      '1h': 'Dernière heure',
      '24h': '24 dernières heures',
      '7d': '7 derniers jours',
      '30d': '30 derniers jours',
      '90d': '90 derniers jours',
      '365d': '365 derniers jours',
    },
    allTime: 'Depuis le début',
    since: date => `Depuis le ${date}`,
    before: date => `Avant le ${date}`,
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
    inBlock: 'Toutes les adresses du bloc',
    containing: text => `Tous ceux qui contiennent « ${text} »`,
    wrongAddress: word =>
      `« ${word} » n’est pas une adresse IP. Saisissez une adresse comme 203.0.113.7 ou 2001:db8::7, ou un bloc comme 203.0.113.0/24.`,
    nothingFound: text => `Aucun résultat pour « ${text} ».`,
    meanings: {
      ipAddresses: 'Adresse IP',
      resourceIds: 'ID de ressource',
      principalIds: 'Principal',
      userAgents: 'User agent',
    },
    apply: 'Rechercher',
    conditions: 'Conditions',
    allBut: what => `${what} sauf`,
    time: 'Période',
    changeTo: condition => `Changer en : ${condition}`,
    remove: 'Retirer',
    clearAll: 'Tout effacer',
  },
)
