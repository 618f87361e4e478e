// Texts that every part of the page uses: actions, categories and kinds of principals. "Unknown" and "Scaleway" have
// the meaning that Scaleway's documentation of its IAM logs gives them.

import { bilingual, counted } from '../language.ts'

export const words = bilingual(say => ({
  loading: say('Loading…', 'Chargement…'),
  copy: (what: string) => say(`Copy ${what}`, `Copier ${what}`),
  copyLink: say('Copy link', 'Copier le lien'),
  linkCopied: say('Link copied', 'Lien copié'),
  copied: say('Copied', 'Copié'),
  notCopied: say('Your browser blocked copying.', 'Votre navigateur a bloqué la copie.'),
  id: say('ID', 'l’ID'),
  close: say('Close', 'Fermer'),
  what: (name: string) => say(`What is ${name}?`, `Que signifie « ${name} » ?`),
  only: (value: string) => say(`Show only ${value}`, `Afficher uniquement ${value}`),
  events: (count: number) =>
    say(counted(count, 'event', 'events'), counted(count, 'événement', 'événements')),
  newestOnly: (since: string) =>
    say(`(latest only, since ${since})`, `(les plus récents uniquement, depuis le ${since})`),
  event: say('Event', 'Événement'),
  names: {
    actions: 'Action',
    categories: say('Category', 'Catégorie'),
    principalIds: 'Principal',
    resourceIds: say('Resource ID', 'ID de ressource'),
    ipAddresses: say('IP address', 'Adresse IP'),
    userAgents: 'User agent',
  },
  client: 'Client',
  noAddress: say('no address', 'sans adresse'),
  noClient: say('no user agent', 'sans user agent'),
  unknownHint: say(
    'This principal has left the Organization, was invited but never joined, or is hidden from you. It is not possible to know which of these is the case. Its ID stays the same.',
    'Ce principal a quitté l’Organisation, a été invité sans jamais la rejoindre, ou ne vous est pas visible. Il n’est pas possible de savoir lequel de ces cas s’applique. Son ID reste le même.',
  ),
  scalewayHint: say(
    'This action was performed by Scaleway, for example when creating the default groups of a new Organization or adding a user who accepted an invitation.',
    'Cette action a été effectuée par Scaleway, par exemple lors de la création des groupes par défaut d’une nouvelle Organisation ou de l’ajout d’un utilisateur ayant accepté une invitation.',
  ),
  refusals: {
    BAD_USER_INPUT: say('These filters are not valid.', 'Ces filtres ne sont pas valides.'),
    UNAUTHENTICATED: say(
      'You are no longer signed in. Sign in again.',
      'Vous n’êtes plus connecté. Reconnectez-vous.',
    ),
    FORBIDDEN: say('You do not have access to this.', 'Vous n’y avez pas accès.'),
    LIMIT_EXCEEDED: say(
      'Too many downloads or requests are in progress, or the filters have too many values. Try again in a minute.',
      'Trop de téléchargements ou de requêtes sont en cours, ou les filtres ont trop de valeurs. Réessayez dans une minute.',
    ),
    UNAVAILABLE: say(
      'Some of the events cannot be read at the moment. Try again later.',
      'Une partie des événements est illisible pour le moment. Réessayez plus tard.',
    ),
    INTERNAL_SERVER_ERROR: say(
      'Something went wrong on the server. Try again later.',
      'Une erreur est survenue sur le serveur. Réessayez plus tard.',
    ),
    UNREACHABLE: say(
      'The server is not responding. Try again in a moment.',
      'Le serveur ne répond pas. Réessayez dans un instant.',
    ),
  },
  wrongAddress: (word: string) =>
    say(
      `“${word}” is not an IP address. Enter an address like 203.0.113.7 or 2001:db8::7, or a block like 203.0.113.0/24.`,
      `« ${word} » n’est pas une adresse IP. Saisissez une adresse comme 203.0.113.7 ou 2001:db8::7, ou un bloc comme 203.0.113.0/24.`,
    ),
  spans: {
    '1h': say('Last hour', 'Dernière heure'),
    '24h': say('Last 24 hours', '24 dernières heures'),
    '7d': say('Last 7 days', '7 derniers jours'),
    '30d': say('Last 30 days', '30 derniers jours'),
    '90d': say('Last 90 days', '90 derniers jours'),
    '365d': say('Last 365 days', '365 derniers jours'),
  },
  allTime: say('All time', 'Depuis le début'),
  since: (date: string) => say(`Since ${date}`, `Depuis le ${date}`),
  before: (date: string) => say(`Before ${date}`, `Avant le ${date}`),
  actions: {
    CREATED: say('Created', 'Création'),
    UPDATED: say('Updated', 'Modification'),
    DELETED: say('Deleted', 'Suppression'),
    UNKNOWN: say('Other action', 'Autre action'),
  },
  categories: {
    API_KEY: say('API key', 'Clé API'),
    USER: say('User', 'Utilisateur'),
    APPLICATION: 'Application',
    GROUP: say('Group', 'Groupe'),
    POLICY: say('Policy', 'Politique'),
    UNKNOWN: say('Other resource', 'Autre ressource'),
  },
  kinds: {
    User: say('User', 'Utilisateur'),
    Application: 'Application',
    UnknownPrincipal: say('Unknown', 'Inconnu'),
    ScalewayPrincipal: 'Scaleway',
  },
}))
