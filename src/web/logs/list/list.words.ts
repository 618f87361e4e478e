// The words of the list of events.

import { bilingual, number, plural } from '../language.ts'

export const words = bilingual(
  {
    events: 'Events',
    columns: {
      date: 'Date',
      action: 'Action',
      category: 'Category',
      resource: 'Resource',
      principal: 'Principal',
      from: 'From',
      more: 'Details',
    },
    newestFirst: 'Newest first',
    oldestFirst: 'Oldest first',
    more: 'More info',
    fresh: 'New',
    live: 'Live',
    liveHint: 'New events come in by themselves',
    arrived: (count: number) => `${number(count)} new ${plural(count, 'event', 'events')}`,
    noMatch: 'No event matches these filters.',
    nothing: 'There is no event here yet.',
    clear: 'Clear all filters',
    loading: 'Loading events…',
    end: 'That is all.',
  },
  {
    events: 'Événements',
    columns: {
      date: 'Date',
      action: 'Action',
      category: 'Catégorie',
      resource: 'Ressource',
      principal: 'Principal',
      from: 'Origine',
      more: 'Détails',
    },
    newestFirst: "Les plus récents d'abord",
    oldestFirst: "Les plus anciens d'abord",
    more: "Plus d'infos",
    fresh: 'Nouveau',
    live: 'En direct',
    liveHint: "Les nouveaux événements s'affichent d'eux-mêmes",
    arrived: count =>
      `${number(count)} ${plural(count, 'nouvel événement', 'nouveaux événements')}`,
    noMatch: 'Aucun événement ne correspond à ces filtres.',
    nothing: "Il n'y a pas encore d'événement ici.",
    clear: 'Effacer tous les filtres',
    loading: 'Chargement des événements…',
    end: "C'est tout.",
  },
)
