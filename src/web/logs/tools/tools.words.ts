// Texts for downloads, links and copied queries.

import { bilingual } from '../language.ts'

export const words = bilingual(
  {
    tools: 'Download and share',
    download: 'Download',
    formats: {
      csv: { name: 'CSV', text: 'For spreadsheets' },
      ndjson: { name: 'NDJSON', text: 'One event per line, with Scaleway’s field names' },
      'ocsf.ndjson': { name: 'OCSF', text: 'For security tools, as NDJSON' },
    },
    allThatMatch: 'All matching events, oldest first, as on this page.',
    allInOtherOrder: 'All matching events. In the file, the oldest come first.',
    share: 'Share',
    copyLink: 'Copy link',
    copyLinkText: 'To this view; your access is not included',
    linkCopied: 'Link copied',
    copyQuery: 'Copy as GraphQL',
    copyQueryText: 'The query behind this view, with its variables',
    queryCopied: 'Query copied',
    openGraphiql: 'Open in GraphiQL',
    openGraphiqlText: 'The query behind this view, in a new tab',
    running: (size: string) => `Downloading… ${size}`,
    cancel: 'Cancel',
    dismiss: 'Dismiss',
    complete: (events: string, size: string) => `Download complete: ${events}, ${size}.`,
    cancelled: 'Download cancelled. No file was saved.',
    incomplete: (size: string) =>
      `The download was interrupted after ${size}. No file was saved. Try again.`,
    refusals: {
      LIMIT_EXCEEDED:
        'Too many downloads or requests are in progress. No file was saved. Try again in a minute.',
      UNAVAILABLE:
        'Some of the events cannot be read at the moment. No file was saved. Try again later.',
      INTERNAL_SERVER_ERROR: 'Something went wrong on the server. No file was saved.',
    } as Partial<Record<string, string>>,
    gone: 'The server is not responding. No file was saved. Try again in a moment.',
    unwritten: 'The file could not be saved. Check that there is enough disk space.',
  },
  {
    tools: 'Télécharger et partager',
    download: 'Télécharger',
    formats: {
      csv: { name: 'CSV', text: 'Pour les tableurs' },
      ndjson: {
        name: 'NDJSON',
        text: 'Un événement par ligne, avec les noms de champs de Scaleway',
      },
      'ocsf.ndjson': { name: 'OCSF', text: 'Pour les outils de sécurité, en NDJSON' },
    },
    allThatMatch:
      'Tous les événements correspondants, du plus ancien au plus récent, comme sur cette page.',
    allInOtherOrder:
      'Tous les événements correspondants. Dans le fichier, les plus anciens viennent en premier.',
    share: 'Partager',
    copyLink: 'Copier le lien',
    copyLinkText: 'Vers cette vue, sans votre accès',
    linkCopied: 'Lien copié',
    copyQuery: 'Copier en GraphQL',
    copyQueryText: 'La requête de cette vue, avec ses variables',
    queryCopied: 'Requête copiée',
    openGraphiql: 'Ouvrir dans GraphiQL',
    openGraphiqlText: 'La requête de cette vue, dans un nouvel onglet',
    running: size => `Téléchargement… ${size}`,
    cancel: 'Annuler',
    dismiss: 'Masquer',
    complete: (events, size) => `Téléchargement terminé : ${events}, ${size}.`,
    cancelled: 'Téléchargement annulé. Aucun fichier n’a été enregistré.',
    incomplete: size =>
      `Le téléchargement a été interrompu après ${size}. Aucun fichier n’a été enregistré. Réessayez.`,
    refusals: {
      LIMIT_EXCEEDED:
        'Trop de téléchargements ou de requêtes sont en cours. Aucun fichier n’a été enregistré. Réessayez dans une minute.',
      UNAVAILABLE:
        'Une partie des événements est illisible pour le moment. Aucun fichier n’a été enregistré. Réessayez plus tard.',
      INTERNAL_SERVER_ERROR:
        'Une erreur est survenue sur le serveur. Aucun fichier n’a été enregistré.',
    },
    gone: 'Le serveur ne répond pas. Aucun fichier n’a été enregistré. Réessayez dans un instant.',
    unwritten: 'Le fichier n’a pas pu être enregistré. Vérifiez l’espace disponible sur le disque.',
  },
)
