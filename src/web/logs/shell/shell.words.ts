// The words of what stands around every view.

import { bilingual } from '../language.ts'

export const words = bilingual(
  {
    title: 'IAM logs',
    loading: 'Loading…',
    organization: 'Organization',
    graphiql: 'Ask the graph yourself',
    skip: 'Skip to the events',
    settings: 'Settings',
    zone: 'Time zone',
    localZone: (name: string) => `Mine (${name})`,
    dates: 'Dates',
    absolute: 'Date and time',
    relative: 'How long ago',
    language: 'Language',
    theme: 'Colours',
    themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
    signedInWith: (name: string) => `Signed in with the token "${name}".`,
    signOut: 'Sign out',
    signIn: 'Show the logs',
    token: 'Access token',
    tokenHint: 'An operator makes one with: iam-logs token create. It stays in this tab.',
    noToken: 'That cannot be a token: a token has no spaces and no accents.',
    noOrganization: 'This token opens the logs of no Organization.',
    notThisOrganization: (id: string) =>
      `There is no Organization ${id.slice(0, 40)}, or this token does not open its logs.`,
    unreachable: 'The server does not answer just now. This page goes on as soon as it does.',
    unknownInLink: (names: string) => `This link says something this page does not know: ${names}`,
  },
  {
    title: 'Journaux IAM',
    loading: 'Chargement…',
    organization: 'Organisation',
    graphiql: 'Interroger directement le graphe',
    skip: 'Aller aux événements',
    settings: 'Réglages',
    zone: 'Fuseau horaire',
    localZone: name => `Le mien (${name})`,
    dates: 'Dates',
    absolute: 'Date et heure',
    relative: 'Temps écoulé',
    language: 'Langue',
    theme: 'Couleurs',
    themes: { system: 'Selon le système', light: 'Clair', dark: 'Sombre' },
    signedInWith: name => `Connecté avec le jeton « ${name} ».`,
    signOut: 'Se déconnecter',
    signIn: 'Afficher les journaux',
    token: 'Jeton d’accès',
    tokenHint:
      'Un administrateur en crée un avec la commande iam-logs token create. Il reste dans cet onglet.',
    noToken: 'Ce n’est pas un jeton : un jeton n’a ni espaces ni accents.',
    noOrganization: 'Ce jeton ne donne accès aux journaux d’aucune Organisation.',
    notThisOrganization: id =>
      `L’Organisation ${id.slice(0, 40)} n’existe pas, ou ce jeton ne donne pas accès à ses journaux.`,
    unreachable: 'Le serveur ne répond pas pour le moment. La page reprend dès qu’il répond.',
    unknownInLink: names =>
      `Ce lien contient des paramètres que cette page ne connaît pas : ${names}`,
  },
)
