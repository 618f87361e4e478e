// The words of what one takes away from the page.

import { bilingual } from '../language.ts'

export const words = bilingual(
  {
    tools: 'Download and share',
    download: 'Download',
    formats: {
      csv: { name: 'CSV', text: 'For spreadsheets' },
      ndjson: { name: 'NDJSON', text: "A line for each event, in Scaleway's own names" },
      'ocsf.ndjson': { name: 'OCSF', text: 'For security tools, as NDJSON' },
    },
    allThatMatch: 'All events that match, oldest first, as here.',
    allInOtherOrder: 'All events that match. In the file, the oldest comes first.',
    asGraphql: 'Copy as GraphQL',
    openGraphiql: 'Open in GraphiQL',
    openGraphiqlText: 'What is shown here, as a query in a new tab',
    copyQuery: 'Copy the query',
    copyQueryText: 'With its variables, as text',
    copyLink: 'Copy link',
    notCopied: 'The browser does not let this page copy.',
    running: (size: string) => `Downloading… ${size}`,
    cancel: 'Cancel',
    dismiss: 'Dismiss',
    whole: (events: string, size: string) => `The file is whole: ${events}, ${size}.`,
    cancelled: 'The download was cancelled; no file was kept.',
    incomplete: (size: string) =>
      `The download broke off after ${size} and is incomplete; no file was kept. Try again.`,
    gone: 'The server does not answer; no file was kept. Try again in a moment.',
    unwritten: 'The file could not be written: is there room on the disk? No file was kept.',
  },
  {
    tools: 'Télécharger et partager',
    download: 'Télécharger',
    formats: {
      csv: { name: 'CSV', text: 'Pour les tableurs' },
      ndjson: { name: 'NDJSON', text: 'Une ligne par événement, avec les noms de Scaleway' },
      'ocsf.ndjson': { name: 'OCSF', text: 'Pour les outils de sécurité, en NDJSON' },
    },
    allThatMatch:
      'Tous les événements correspondants, du plus ancien au plus récent, comme à l’écran.',
    allInOtherOrder:
      'Tous les événements correspondants. Dans le fichier, le plus ancien vient en premier.',
    asGraphql: 'Copier en GraphQL',
    openGraphiql: 'Ouvrir dans GraphiQL',
    openGraphiqlText: 'La vue actuelle sous forme de requête, dans un nouvel onglet',
    copyQuery: 'Copier la requête',
    copyQueryText: 'Avec ses variables, sous forme de texte',
    copyLink: 'Copier le lien',
    notCopied: 'Le navigateur ne permet pas à cette page de copier.',
    running: size => `Téléchargement… ${size}`,
    cancel: 'Annuler',
    dismiss: 'Masquer',
    whole: (events, size) => `Le fichier est complet : ${events}, ${size}.`,
    cancelled: 'Téléchargement annulé ; aucun fichier n’a été conservé.',
    incomplete: size =>
      `Le téléchargement s’est interrompu après ${size} : il est incomplet et aucun fichier n’a été conservé. Réessayez.`,
    gone: 'Le serveur ne répond pas ; aucun fichier n’a été conservé. Réessayez dans un instant.',
    unwritten:
      'Le fichier n’a pas pu être écrit : reste-t-il de la place sur le disque ? Aucun fichier n’a été conservé.',
  },
)
