// Texts that every part of the page uses: actions, categories and kinds of principals. "Unknown" and "Scaleway" have
// the meaning that Scaleway's documentation of its IAM logs gives them.

import type { EventAction, EventCategory } from '../api/page-documents.ts'
import { bilingual, number, plural } from '../language.ts'
import type { Span } from '../view/view.ts'

export const words = bilingual(
  {
    copy: (what: string) => `Copy ${what}`,
    copied: 'Copied',
    notCopied: 'Your browser blocked copying.',
    id: 'ID',
    close: 'Close',
    what: (name: string) => `What is ${name}?`,
    only: (value: string) => `Show only ${value}`,
    events: (count: number) => `${number(count)} ${plural(count, 'event', 'events')}`,
    newestOnly: (since: string) => `(latest only, since ${since})`,
    action: 'Action',
    category: 'Category',
    principal: 'Principal',
    ipAddress: 'IP address',
    userAgent: 'User agent',
    client: 'Client',
    noAddress: 'no address',
    noClient: 'no user agent',
    unknown: 'Unknown',
    unknownHint:
      'This principal has left the Organization, was invited but never joined, or is hidden from you. It is not possible to know which of these is the case. Its ID stays the same.',
    scalewayHint:
      'This action was performed by Scaleway, for example when creating the default groups of a new Organization or adding a user who accepted an invitation.',
    wrongAddress: (word: string) =>
      `“${word}” is not an IP address. Enter an address like 203.0.113.7 or 2001:db8::7, or a block like 203.0.113.0/24.`,
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
    actions: {
      CREATED: 'Created',
      UPDATED: 'Updated',
      DELETED: 'Deleted',
      UNKNOWN: 'Other action',
    } as Record<EventAction, string>,
    categories: {
      API_KEY: 'API key',
      USER: 'User',
      APPLICATION: 'Application',
      GROUP: 'Group',
      POLICY: 'Policy',
      UNKNOWN: 'Other resource',
    } as Record<EventCategory, string>,
    kinds: {
      User: 'User',
      Application: 'Application',
      UnknownPrincipal: 'Unknown',
      ScalewayPrincipal: 'Scaleway',
    },
  },
  {
    copy: what => `Copier ${what}`,
    copied: 'Copié',
    notCopied: 'Votre navigateur a bloqué la copie.',
    id: 'l’ID',
    close: 'Fermer',
    what: name => `Que signifie « ${name} » ?`,
    only: value => `Afficher uniquement ${value}`,
    events: count => `${number(count)} ${plural(count, 'événement', 'événements')}`,
    newestOnly: since => `(les plus récents uniquement, depuis le ${since})`,
    action: 'Action',
    category: 'Catégorie',
    principal: 'Principal',
    ipAddress: 'Adresse IP',
    userAgent: 'User agent',
    client: 'Client',
    noAddress: 'sans adresse',
    noClient: 'sans user agent',
    unknown: 'Inconnu',
    unknownHint:
      'Ce principal a quitté l’Organisation, a été invité sans jamais la rejoindre, ou ne vous est pas visible. Il n’est pas possible de savoir lequel de ces cas s’applique. Son ID reste le même.',
    scalewayHint:
      'Cette action a été effectuée par Scaleway, par exemple lors de la création des groupes par défaut d’une nouvelle Organisation ou de l’ajout d’un utilisateur ayant accepté une invitation.',
    wrongAddress: word =>
      `« ${word} » n’est pas une adresse IP. Saisissez une adresse comme 203.0.113.7 ou 2001:db8::7, ou un bloc comme 203.0.113.0/24.`,
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
    actions: {
      CREATED: 'Création',
      UPDATED: 'Modification',
      DELETED: 'Suppression',
      UNKNOWN: 'Autre action',
    },
    categories: {
      API_KEY: 'Clé API',
      USER: 'Utilisateur',
      APPLICATION: 'Application',
      GROUP: 'Groupe',
      POLICY: 'Politique',
      UNKNOWN: 'Autre ressource',
    },
    kinds: {
      User: 'Utilisateur',
      Application: 'Application',
      UnknownPrincipal: 'Inconnu',
      ScalewayPrincipal: 'Scaleway',
    },
  },
)
