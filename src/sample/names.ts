// The invented names of a sample history. People and companies are fictional; e-mail addresses use `.example`, which
// RFC 2606 reserves for this.

import type { Random } from './random.ts'

const COMPANIES = list(`
  Northwind Rail, Atelier Boréal, Quay & Lantern, Helios Grid, Maison Verveine, Tideline Maps, Ostara Health,
  Copperfield Games, Lumen Foundry, Vega Logistics, Papillon Press, Granit Data
`)

const FIRST_NAMES = list(`
  Camille, Léa, Manon, Chloé, Hugo, Lucas, Théo, Antoine, Amélie, Zoé, Benoît, Inès, Fatima, Youssef, Karim, Leïla,
  Omar, Salma, Aïcha, Mamadou, Awa, Kofi, Ama, Chidi, Ngozi, Zanele, Thabo, Priya, Arjun, Ananya, Rohan, Meera, Wei,
  Mei, Jun, Haruto, Yui, Sakura, Minh, Linh, Ji-woo, Min-jun, Sofia, Mateo, Valentina, Diego, Lucía, João, Beatriz,
  Giulia, Lorenzo, Chiara, Jonas, Greta, Lukas, Anneke, Sven, Astrid, Søren, Freja, Aino, Eero, Katarzyna, Piotr,
  Zuzana, Tomáš, Elif, Emre, Noa, Ariel, Aoife, Niamh, Oliver, Imogen, Maya, Ethan, Nadia, Viktor, Oksana, Dmytro
`)

const LAST_NAMES = list(`
  Moreau, Lefèvre, Garnier, Chevalier, Besson, Aubry, Delmas, Roussel, Marchand, Perrin, Benali, Haddad, Mansouri,
  Cherif, Diallo, Traoré, Mensah, Okafor, Adeyemi, Nkosi, Dlamini, Sharma, Iyer, Kapoor, Banerjee, Zhang, Lin, Chen,
  Tanaka, Fujimoto, Ishikawa, Nguyễn, Trần, Park, Seo, Fernández, Ortega, Castillo, Navarro, Silva, Carvalho, Ricci,
  Bellini, Conti, Weber, Brandt, Krüger, Vogel, de Vries, Bakker, Lindqvist, Nordin, Sørensen, Haugen, Virtanen,
  Laine, Kowalczyk, Zieliński, Novák, Horváth, Yılmaz, Demir, Levi, Peretz, Byrne, O'Rourke, Whitfield, Ashdown,
  Harlow, Pemberton, Shevchenko, Kovalenko, Petrov, Dimitrova, Ionescu, Papadakis, Haile, Tesfaye, Rahimi, Farouk
`)

const TEAMS = list(`
  Platform, Data, Security, Mobile, Web, Payments, Support, Finance, Research, Network, Machine Learning, Quality,
  Release, Search, Design, Operations
`)

const APPLICATIONS = {
  terraform: ['terraform'],
  pipeline: ['github-actions', 'gitlab-runner', 'jenkins', 'argo-workflows'],
  service: list(`
    backup, grafana, prometheus, vault, registry-pull, external-dns, cert-manager, loki, billing-export,
    object-storage-sync, velero, argo-cd, cost-report, mail-relay, search-indexer, image-resizer, orders-api,
    checkout, data-warehouse, airflow, mlflow, sso-bridge, inventory, status-page, log-shipper, session-store,
    reporting, pdf-render, webhooks, feature-flags
  `),
}
const ENVIRONMENTS = ['production', 'staging', 'development']
const GROUP_SUFFIXES = ['', ' on-call', ' contractors', ' read-only', ' leads', ' applications']
const RIGHTS = list(
  'read-only, full-access, object-storage, registry, kubernetes, secrets, dns, observability',
)

function list(text: string): string[] {
  return text.trim().split(/,\s+/)
}

/** The company at an index in the list of sample Organizations; every index has a different name. */
export function companyName(place: number): string {
  const round = Math.floor(place / COMPANIES.length)
  return `${COMPANIES[place % COMPANIES.length]}${round > 0 ? ` ${round + 1}` : ''}`
}

/** Names of one company's people and resources; each is used once, until it is removed from `taken`. */
export function namesOf(random: Random, taken: Set<string>) {
  /** Adds the first number that makes it different from the names in use. */
  function unused(name: string, separator = '-'): string {
    let candidate = name
    for (let number = 2; taken.has(candidate); number += 1) candidate = name + separator + number
    taken.add(candidate)
    return candidate
  }

  return {
    /** `username` is plain ASCII, for the part before the `@`. */
    person() {
      const [firstName, lastName] = [random.pick(FIRST_NAMES), random.pick(LAST_NAMES)]
      return { firstName, lastName, username: unused(`${slug(firstName)}.${slug(lastName)}`, '') }
    },
    preview: () => unused(`preview-${random.between(100, 99_999)}`),
    application: (role: 'terraform' | 'pipeline' | 'service') =>
      unused(`${random.pick(APPLICATIONS[role])}-${random.pick(ENVIRONMENTS)}`),
    group: () => unused(random.pick(TEAMS) + random.pick(GROUP_SUFFIXES), ' '),
    policy: () => unused(`${slug(random.pick(TEAMS))}-${random.pick(RIGHTS)}`),
  }
}

/** ASCII letters, digits and hyphens only. */
export function slug(text: string): string {
  const letters = text.normalize('NFD').replace(/\p{Mark}/gu, '')
  const ascii = letters.replace(/[øØ]/g, 'o').replace(/[łŁ]/g, 'l').replace(/ı/g, 'i')
  return ascii.toLowerCase().replace(/[^a-z0-9]+/g, '-')
}
