// The words of the figures: what is counted, and how complete and fresh it is.

import { bilingual, counted, number } from '../language.ts'

export const words = bilingual(say => ({
  overTime: say('Events over time', 'Événements dans le temps'),
  barsHelp: say(
    'Use the left and right arrow keys to move between bars, Shift to select several, Enter to zoom in and Escape to cancel.',
    'Utilisez les flèches gauche et droite pour passer d’une barre à l’autre, Maj pour en sélectionner plusieurs, Entrée pour zoomer et Échap pour annuler.',
  ),
  dragHelp: say('Drag across bars to zoom in', 'Faites glisser sur les barres pour zoomer'),
  zoomOut: say('Zoom out', 'Zoom arrière'),
  presets: say('Period', 'Période'),
  all: say('All', 'Tout'),
  filters: say('Filters', 'Filtres'),
  active: (count: number) => say(`${number(count)} active`, counted(count, 'actif', 'actifs')),
  exclude: (value: string) => say(`Exclude ${value}`, `Exclure ${value}`),
  atLeast: (count: number) => say(`${number(count)} or more`, `${number(count)} ou plus`),
  more: say('Show more', 'Afficher plus'),
  coverage: say('Coverage of the log', 'Couverture du journal'),
  noEventsYet: say('No events yet', 'Aucun événement pour le moment'),
  fromTo: (from: string, to: string) => say(`From ${from} to ${to}`, `Du ${from} au ${to}`),
  fromUntilAgo: (from: string, ago: string) =>
    say(`Since ${from}, latest event ${ago}`, `Depuis le ${from}, dernier événement ${ago}`),
  completeUntil: (date: string) => say(`complete until ${date}`, `complet jusqu’au ${date}`),
  notComplete: say('early history missing', 'début de l’historique manquant'),
  lastRead: (ago: string) => say(`synced ${ago}`, `synchronisé ${ago}`),
  staleSince: (ago: string) =>
    say(
      `last synced ${ago}: recent events may be missing`,
      `dernière synchronisation ${ago} : des événements récents peuvent manquer`,
    ),
  semicolon: say(';', ' ;'),
  neverRead: say('imported, not synced with Scaleway', 'importé, non synchronisé avec Scaleway'),
  neverReadYet: say('not synced with Scaleway yet', 'pas encore synchronisé avec Scaleway'),
  gaps: (count: number) => say(counted(count, 'gap', 'gaps'), counted(count, 'lacune', 'lacunes')),
  gap: (from: string, until: string) =>
    say(`Missing from ${from} to ${until}`, `Données manquantes du ${from} au ${until}`),
  gapBefore: (until: string) =>
    say(`Missing before ${until}`, `Données manquantes avant le ${until}`),
}))
