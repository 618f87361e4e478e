// The words of a principal's page.

import { bilingual, number } from '../language.ts'

export const words = bilingual(say => ({
  back: say('All events', 'Tous les événements'),
  nobody: (id: string) =>
    say(
      `Principal ${id.slice(0, 40)} not found. It may not exist, or you may not have access to it.`,
      `Principal ${id.slice(0, 40)} introuvable. Il n’existe pas, ou vous n’y avez pas accès.`,
    ),
  facts: say('About', 'À propos'),
  fullName: say('Full name', 'Nom complet'),
  username: say('Username', 'Nom d’utilisateur'),
  email: say('Email', 'E-mail'),
  standing: say('Role', 'Rôle'),
  standings: {
    owner: say('Owner', 'Propriétaire'),
    member: say('Member', 'Membre'),
    guest: say('Guest', 'Invité'),
  } as Record<string, string>,
  mfa: say('Multi-factor authentication', 'Authentification multifacteur'),
  on: say('On', 'Activée'),
  off: say('Off', 'Désactivée'),
  yes: say('Yes', 'Oui'),
  no: say('No', 'Non'),
  locked: say('Locked', 'Verrouillé'),
  lastLogin: say('Last sign-in', 'Dernière connexion'),
  memberSince: say('Member since', 'Membre depuis'),
  changed: say('Last updated', 'Dernière modification'),
  description: 'Description',
  managed: say('Managed by Scaleway', 'Gérée par Scaleway'),
  made: say('Created', 'Création'),
  firstSeen: say('First activity', 'Première activité'),
  lastSeen: say('Last activity', 'Dernière activité'),
  latest: say('Last seen', 'Dernière activité'),
  neverActed: say('No activity recorded.', 'Aucune activité enregistrée.'),
  figures: say('Activity summary', 'Résumé de l’activité'),
  counting: say('Counting…', 'Calcul en cours…'),
  byKind: say('By action and category', 'Par action et par catégorie'),
  count: say('Events', 'Nombre'),
  whoElse: say('all principals', 'tous les principaux'),
  at: (address: string) => say(`(from ${address})`, `(depuis ${address})`),
  doneTo: say('Changes to this principal', 'Modifications de ce principal'),
  by: say('by', 'par'),
  allDoneTo: say('All changes to this principal', 'Toutes les modifications de ce principal'),
  did: say('Activity', 'Activité'),
  apiKeys: say('API keys', 'Clés API'),
  keyExpires: say('Expires', 'Expiration'),
  keyEvents: say('Events on these API keys', 'Événements sur ces clés API'),
  newestKeyEvents: (count: number) =>
    say(
      `Events on the ${number(count)} newest API keys`,
      `Événements sur les ${number(count)} clés API les plus récentes`,
    ),
}))
