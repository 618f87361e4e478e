// The words of what stands everywhere on the page: actions, categories, and who acted. Unknown and Scaleway mean
// what Scaleway's documentation of its IAM logs says of them.

import type { EventAction, EventCategory } from '../api/documents.ts'
import { bilingual, number, plural } from '../language.ts'

export const words = bilingual(
  {
    copy: (what: string) => `Copy ${what}`,
    copied: 'Copied',
    id: 'ID',
    close: 'Close',
    what: (name: string) => `What is ${name}?`,
    only: (value: string) => `Only ${value}`,
    events: (count: number) => `${number(count)} ${plural(count, 'event', 'events')}`,
    newestOnly: (since: string) => `(the newest only, since ${since})`,
    action: 'Action',
    category: 'Category',
    principal: 'Principal',
    ipAddress: 'IP address',
    userAgent: 'User agent',
    noAddress: 'no address',
    noClient: 'no user agent',
    unknown: 'Unknown',
    unknownHint:
      'This principal left the Organization, or you may not see principals of its kind, or it was invited and never joined. Which of these it is cannot be told. Its ID stays the same.',
    scalewayHint:
      'Scaleway itself did this: for instance, it makes the first groups of a new Organization, and adds a user who accepts an invitation.',
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
    id: 'l’identifiant',
    close: 'Fermer',
    what: name => `Que signifie « ${name} » ?`,
    only: value => `Uniquement ${value}`,
    events: count => `${number(count)} ${plural(count, 'événement', 'événements')}`,
    newestOnly: since => `(les plus récents seulement, depuis le ${since})`,
    action: 'Action',
    category: 'Catégorie',
    principal: 'Principal',
    ipAddress: 'Adresse IP',
    userAgent: 'User agent',
    noAddress: 'sans adresse',
    noClient: 'sans user agent',
    unknown: 'Inconnu',
    unknownHint:
      'Ce principal a quitté l’Organisation, ou vous n’avez pas le droit de voir les principaux de ce type, ou il a été invité sans jamais la rejoindre. Rien ne permet de savoir lequel de ces cas est le bon. Son identifiant ne change pas.',
    scalewayHint:
      'C’est Scaleway qui a agi : par exemple en créant les premiers groupes d’une nouvelle Organisation, ou en ajoutant un utilisateur qui accepte une invitation.',
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
