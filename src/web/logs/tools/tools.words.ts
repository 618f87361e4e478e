// Texts for downloads, links and copied queries.

import { bilingual } from '../language.ts'

export const words = bilingual(say => ({
  tools: say('Download and share', 'Télécharger et partager'),
  download: say('Download', 'Télécharger'),
  formats: {
    csv: { name: 'CSV', text: say('For spreadsheets', 'Pour les tableurs') },
    ndjson: {
      name: 'NDJSON',
      text: say(
        'One event per line, with Scaleway’s field names',
        'Un événement par ligne, avec les noms de champs de Scaleway',
      ),
    },
    'ocsf.ndjson': {
      name: 'OCSF',
      text: say('For security tools, as NDJSON', 'Pour les outils de sécurité, en NDJSON'),
    },
  },
  allThatMatch: say(
    'All matching events, oldest first, as on this page.',
    'Tous les événements correspondants, du plus ancien au plus récent, comme sur cette page.',
  ),
  allInOtherOrder: say(
    'All matching events. In the file, the oldest come first.',
    'Tous les événements correspondants. Dans le fichier, les plus anciens viennent en premier.',
  ),
  share: say('Share', 'Partager'),
  copyLinkText: say(
    'To this view; your access is not included',
    'Vers cette vue, sans votre accès',
  ),
  copyQuery: say('Copy as GraphQL', 'Copier en GraphQL'),
  copyQueryText: say(
    'The query behind this view, with its variables',
    'La requête de cette vue, avec ses variables',
  ),
  queryCopied: say('Query copied', 'Requête copiée'),
  openGraphiql: say('Open in GraphiQL', 'Ouvrir dans GraphiQL'),
  openGraphiqlText: say(
    'The query behind this view, in a new tab',
    'La requête de cette vue, dans un nouvel onglet',
  ),
  running: (size: string) => say(`Downloading… ${size}`, `Téléchargement… ${size}`),
  cancel: say('Cancel', 'Annuler'),
  dismiss: say('Dismiss', 'Masquer'),
  complete: (events: string, size: string) =>
    say(`Download complete: ${events}, ${size}.`, `Téléchargement terminé : ${events}, ${size}.`),
  cancelled: say('Download cancelled.', 'Téléchargement annulé.'),
  notSaved: say('No file was saved.', 'Aucun fichier n’a été enregistré.'),
  incomplete: (size: string) =>
    say(
      `The download was interrupted after ${size}. No file was saved. Try again.`,
      `Le téléchargement a été interrompu après ${size}. Aucun fichier n’a été enregistré. Réessayez.`,
    ),
  unwritten: say(
    'The file could not be saved. Check that there is enough disk space.',
    'Le fichier n’a pas pu être enregistré. Vérifiez l’espace disponible sur le disque.',
  ),
}))
