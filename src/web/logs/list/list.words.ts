// The words of the list of events, and of all that is known of one event.

import { bilingual, counted } from '../language.ts'

export const words = bilingual(say => ({
  events: say('Events', 'Événements'),
  columns: {
    date: 'Date',
    action: 'Action',
    category: say('Category', 'Catégorie'),
    resource: say('Resource', 'Ressource'),
    principal: 'Principal',
    from: say('From', 'Origine'),
    more: say('Details', 'Détails'),
  },
  chooseColumns: say('Columns', 'Colonnes'),
  newestFirst: say('Newest first', 'Les plus récents d’abord'),
  oldestFirst: say('Oldest first', 'Les plus anciens d’abord'),
  by: say('by', 'par'),
  more: say('More info', 'Plus d’infos'),
  fresh: say('New', 'Nouveau'),
  live: say('Live', 'En direct'),
  liveHint: say(
    'Show new events as they arrive',
    'Afficher les nouveaux événements dès leur arrivée',
  ),
  arrived: (count: number) =>
    say(
      counted(count, 'new event', 'new events'),
      counted(count, 'nouvel événement', 'nouveaux événements'),
    ),
  noMatch: say('No events match.', 'Aucun événement ne correspond.'),
  nothing: say('No events yet.', 'Aucun événement pour le moment.'),
  clear: say('Clear filters', 'Effacer les filtres'),
  loading: say('Loading events…', 'Chargement des événements…'),
  end: say('End of the list', 'Fin de la liste'),
  missing: say(
    'Event not found. It may not exist, or you may not have access to it.',
    'Événement introuvable. Il n’existe pas, ou vous n’y avez pas accès.',
  ),
  newer: say('Previous event in the list', 'Événement précédent dans la liste'),
  older: say('Next event in the list', 'Événement suivant dans la liste'),
  recorded: say('Collected', 'Collecté'),
  bearer: say('Bearer', 'Titulaire'),
  id: say('Event ID', 'ID de l’événement'),
  principalId: say('principal ID', 'l’ID du principal'),
  resourceId: say('resource ID', 'l’ID de la ressource'),
  eventId: say('event ID', 'l’ID de l’événement'),
  theAddress: say('IP address', 'l’adresse IP'),
  theClient: say('user agent', 'le user agent'),
  formerly: (name: string) => say(`Named “${name}” at the time`, `Nom à l’époque : ${name}`),
  all: say('View this principal', 'Voir ce principal'),
  only: say('Events by this principal', 'Événements de ce principal'),
  history: say('Events on this resource', 'Événements sur cette ressource'),
  onlyAddress: say('Events from this address', 'Événements depuis cette adresse'),
  onlyBlock: (block: string) => say(`Events from ${block}`, `Événements depuis ${block}`),
  onlyClient: say('Events with this user agent', 'Événements avec ce user agent'),
}))
