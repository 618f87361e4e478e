// The words of the filters.

import { bilingual, counted } from '../language.ts'

export const words = bilingual(say => ({
  filters: say('Filters and search', 'Filtres et recherche'),
  refresh: say('Refresh', 'Actualiser'),
  rangeIs: (range: string) => say(`Period: ${range}`, `Période : ${range}`),
  from: say('From', 'Du'),
  until: say('Until', 'Au'),
  inZone: (zone: string) =>
    say(
      `In the time zone ${zone}. An empty field sets no limit.`,
      `Dans le fuseau horaire ${zone}. Un champ vide ne fixe pas de limite.`,
    ),
  fromFirst: say(
    'The period ends before it begins: choose a later end.',
    'La période finit avant de commencer : choisissez une fin plus tardive.',
  ),
  applyRange: say('Show this period', 'Afficher cette période'),
  search: say('Search', 'Rechercher'),
  searchFor: say(
    'Name, e-mail address, ID, IP address or block, user agent',
    'Nom, adresse e-mail, ID, adresse ou bloc IP, user agent',
  ),
  suggestions: 'Suggestions',
  suggested: (count: number) =>
    say(
      count === 0 ? 'No suggestions' : counted(count, 'suggestion', 'suggestions'),
      count === 0 ? 'Aucune suggestion' : counted(count, 'suggestion', 'suggestions'),
    ),
  kinds: {
    people: say('People', 'Personnes'),
    applications: 'Applications',
    others: say('Other principals', 'Autres principaux'),
    resources: say('Resources', 'Ressources'),
    addresses: say('IP addresses', 'Adresses IP'),
    clients: 'User agents',
  },
  inBlock: say('All addresses in this block', 'Toutes les adresses de ce bloc'),
  containing: (text: string) =>
    say(`All that contain “${text}”`, `Tous ceux qui contiennent « ${text} »`),
  nothingFound: (text: string) =>
    say(`Nothing found for “${text}”.`, `Aucun résultat pour « ${text} ».`),
  conditions: 'Conditions',
  allBut: (what: string) => say(`${what} is not`, `${what} sauf`),
  time: say('Period', 'Période'),
  changeTo: (condition: string) => say(`Change to: ${condition}`, `Changer en : ${condition}`),
  remove: say('Remove', 'Retirer'),
  clearAll: say('Clear all', 'Tout effacer'),
}))
