// The words of saved views.

import { bilingual } from '../language.ts'

export const words = bilingual(say => ({
  views: say('Saved views', 'Vues enregistrées'),
  viewIs: (name: string) => say(`Saved view: ${name}`, `Vue enregistrée : ${name}`),
  changed: (name: string) => say(`${name} (changed)`, `${name} (modifiée)`),
  own: say('My views', 'Mes vues'),
  ofOthers: say('Shared with me', 'Partagées avec moi'),
  by: (author: string) => say(`by ${author}`, `par ${author}`),
  share: say('Share', 'Partager'),
  isShared: say('Shared', 'Partagée'),
  shareNamed: (name: string) =>
    say(
      `Share “${name}” with everyone in the Organization`,
      `Partager « ${name} » avec toute l’Organisation`,
    ),
  nowShared: (name: string) =>
    say(
      `Everyone in the Organization can now open “${name}”.`,
      `Toute l’Organisation peut désormais ouvrir « ${name} ».`,
    ),
  nowOwn: (name: string) =>
    say(`Only you can now open “${name}”.`, `Vous seul pouvez désormais ouvrir « ${name} ».`),
  deleteNamed: (name: string) => say(`Delete “${name}”`, `Supprimer « ${name} »`),
  reallyDelete: (name: string) =>
    say(`Delete the view “${name}”?`, `Supprimer la vue « ${name} » ?`),
  deleted: (name: string) => say(`“${name}” is deleted.`, `La vue « ${name} » est supprimée.`),
  saveAs: say('Save this view as', 'Enregistrer cette vue sous'),
  shareAtOnce: say('Share with everyone in the Organization', 'Partager avec toute l’Organisation'),
  save: say('Save', 'Enregistrer'),
  saveChanges: (name: string) =>
    say(`Save the changes to “${name}”`, `Enregistrer les modifications de « ${name} »`),
  saved: (name: string) => say(`“${name}” is saved.`, `La vue « ${name} » est enregistrée.`),
  refusals: {
    BAD_USER_INPUT: say(
      'You already have a view with this name, or the name is empty. Choose another name.',
      'Vous avez déjà une vue de ce nom, ou le nom est vide. Choisissez un autre nom.',
    ),
    FORBIDDEN: say(
      'This view belongs to another user.',
      'Cette vue appartient à un autre utilisateur.',
    ),
    LIMIT_EXCEEDED: say(
      'No more views are allowed, or this one is too long. Delete a view, or use fewer filters.',
      'Aucune autre vue n’est permise, ou celle-ci est trop longue. Supprimez une vue, ou utilisez moins de filtres.',
    ),
  },
  opening: say('Opening the saved view…', 'Ouverture de la vue enregistrée…'),
  noSuchView: (name: string) =>
    say(
      `Saved view “${name.slice(0, 100)}” not found. It may not exist, or it is not shared with you. All events are shown.`,
      `Vue enregistrée « ${name.slice(0, 100)} » introuvable. Elle n’existe pas, ou n’est pas partagée avec vous. Tous les événements sont affichés.`,
    ),
}))
