// The words of saved views.

import { bilingual } from '../language.ts'

export const words = bilingual(
  {
    views: 'Saved views',
    viewIs: (name: string) => `Saved view: ${name}`,
    changed: (name: string) => `${name} (changed)`,
    own: 'My views',
    ofOthers: 'Shared with me',
    by: (author: string) => `by ${author}`,
    share: 'Share',
    isShared: 'Shared',
    shareNamed: (name: string) => `Share “${name}” with everyone in the Organization`,
    nowShared: (name: string) => `Everyone in the Organization can now open “${name}”.`,
    nowOwn: (name: string) => `Only you can now open “${name}”.`,
    deleteNamed: (name: string) => `Delete “${name}”`,
    reallyDelete: (name: string) => `Delete the view “${name}”?`,
    deleted: (name: string) => `“${name}” is deleted.`,
    saveAs: 'Save this view as',
    shareAtOnce: 'Share with everyone in the Organization',
    save: 'Save',
    saveChanges: (name: string) => `Save the changes to “${name}”`,
    saved: (name: string) => `“${name}” is saved.`,
    opening: 'Opening the saved view…',
    noSuchView: (name: string) =>
      `Saved view “${name.slice(0, 100)}” not found. It may not exist, or it is not shared with you. All events are shown.`,
  },
  {
    views: 'Vues enregistrées',
    viewIs: name => `Vue enregistrée : ${name}`,
    changed: name => `${name} (modifiée)`,
    own: 'Mes vues',
    ofOthers: 'Partagées avec moi',
    by: author => `par ${author}`,
    share: 'Partager',
    isShared: 'Partagée',
    shareNamed: name => `Partager « ${name} » avec toute l’Organisation`,
    nowShared: name => `Toute l’Organisation peut désormais ouvrir « ${name} ».`,
    nowOwn: name => `Vous seul pouvez désormais ouvrir « ${name} ».`,
    deleteNamed: name => `Supprimer « ${name} »`,
    reallyDelete: name => `Supprimer la vue « ${name} » ?`,
    deleted: name => `La vue « ${name} » est supprimée.`,
    saveAs: 'Enregistrer cette vue sous',
    shareAtOnce: 'Partager avec toute l’Organisation',
    save: 'Enregistrer',
    saveChanges: name => `Enregistrer les modifications de « ${name} »`,
    saved: name => `La vue « ${name} » est enregistrée.`,
    opening: 'Ouverture de la vue enregistrée…',
    noSuchView: name =>
      `Vue enregistrée « ${name.slice(0, 100)} » introuvable. Elle n’existe pas, ou n’est pas partagée avec vous. Tous les événements sont affichés.`,
  },
)
