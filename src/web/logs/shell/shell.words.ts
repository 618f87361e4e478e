// The texts around every view: header, settings, sign-in and notices.

import { bilingual } from '../language.ts'

export const words = bilingual(say => ({
  title: say('IAM logs', 'Journaux IAM'),
  organization: say('Organization', 'Organisation'),
  graphiql: say('Query the API in GraphiQL', 'Interroger l’API dans GraphiQL'),
  skip: say('Skip to events', 'Aller aux événements'),
  settings: say('Settings', 'Réglages'),
  zone: say('Time zone', 'Fuseau horaire'),
  localZone: (name: string) => `Local (${name})`,
  dates: 'Dates',
  absolute: say('Date and time', 'Date et heure'),
  relative: say('Time elapsed', 'Temps écoulé'),
  language: say('Language', 'Langue'),
  theme: say('Theme', 'Thème'),
  themes: {
    system: say('System', 'Système'),
    light: say('Light', 'Clair'),
    dark: say('Dark', 'Sombre'),
  },
  signedInWith: (name: string) =>
    say(`Signed in with token “${name}”`, `Connecté avec le jeton « ${name} »`),
  signedInAs: (name: string) => say(`Signed in as ${name}`, `Connecté en tant que ${name}`),
  signOut: say('Sign out', 'Se déconnecter'),
  signInHere: say('Sign in', 'Se connecter'),
  withToken: say('Use an access token instead', 'Utiliser plutôt un jeton d’accès'),
  outcomes: {
    ended: say(
      'Your session has ended. Sign in again to return to this view.',
      'Votre session est terminée. Reconnectez-vous pour revenir à cette vue.',
    ),
    late: say(
      'Sign-in took too long, or another tab was signing in at the same time. Sign in again.',
      'La connexion a pris trop de temps, ou un autre onglet se connectait en même temps. Reconnectez-vous.',
    ),
    refused: say(
      'Your identity provider refused the sign-in. If you should have access, contact an administrator.',
      'Votre fournisseur d’identité a refusé la connexion. Si vous devez y avoir accès, contactez un administrateur.',
    ),
    away: say(
      'Your identity provider is not responding. Try again in a moment.',
      'Votre fournisseur d’identité ne répond pas pour le moment. Réessayez dans un instant.',
    ),
    failed: say(
      'Sign-in failed; the error is recorded on the server. Try again later.',
      'La connexion a échoué ; l’erreur est enregistrée sur le serveur. Réessayez plus tard.',
    ),
  },
  stay: say('Keep me signed in on this browser', 'Rester connecté sur ce navigateur'),
  tokenStays: say(
    'The token is stored in this browser until you sign out.',
    'Le jeton est conservé dans ce navigateur jusqu’à votre déconnexion.',
  ),
  signIn: say('Use token', 'Utiliser ce jeton'),
  token: say('Access token', 'Jeton d’accès'),
  tokenInTab: say(
    'The token is stored in this tab only.',
    'Le jeton n’est conservé que dans cet onglet.',
  ),
  tokenHint: say(
    'Create one with “iam-logs token create”.',
    'Créez-en un avec « iam-logs token create ».',
  ),
  noToken: say(
    'This is not a token. Tokens contain no spaces or accented letters.',
    'Ceci n’est pas un jeton : un jeton ne contient ni espaces ni accents.',
  ),
  refusedToken: say(
    'The access token is not valid. It may be wrong, expired or revoked.',
    'Le jeton d’accès n’est pas valide. Il peut être erroné, expiré ou révoqué.',
  ),
  noRights: say(
    'You are signed in, but have no rights here. Ask an operator to grant you some, with this message:',
    'Vous êtes connecté, mais vous n’avez aucun droit ici. Demandez à un opérateur de vous en accorder, avec ce message :',
  ),
  noOrganization: say(
    'You do not have access to the logs of any Organization.',
    'Vous n’avez accès aux journaux d’aucune Organisation.',
  ),
  notThisOrganization: (id: string) =>
    say(
      `Organization ${id.slice(0, 40)} not found. It may not exist, or you may not have access to its logs.`,
      `Organisation ${id.slice(0, 40)} introuvable. Elle n’existe pas, ou vous n’avez pas accès à ses journaux.`,
    ),
  unreachable: say(
    'The server is not responding. Reconnecting…',
    'Le serveur ne répond pas. Reconnexion…',
  ),
  unknownInLink: (names: string) =>
    say(
      `Part of this link is not valid and was ignored: ${names}`,
      `Une partie de ce lien n’est pas valide et a été ignorée : ${names}`,
    ),
}))
