// The lists of Scaleway's IAM API that are read here.

/** The maximum number of items that Scaleway returns per page, for every list. */
export const PAGE_SIZE = 100

export interface List {
  /** The key of its items in the response. */
  readonly key: string
  readonly name: string
  /**
   * The permission sets that allow reading it in the whole Organization. Scaleway documents none for the logs; its own
   * tools use this.
   */
  readonly permissionSets: string
}

export const LISTS = {
  logs: list('logs', 'IAMReadOnly'),
  users: list('users', 'IAMUserReadOnly or IAMReadOnly'),
  applications: list('applications', 'IAMApplicationReadOnly or IAMReadOnly'),
  groups: list('groups', 'IAMGroupReadOnly or IAMReadOnly'),
  policies: list('policies', 'IAMPolicyReadOnly or IAMReadOnly'),
  rules: list('rules', 'IAMPolicyReadOnly or IAMReadOnly'),
  'api-keys': list('api_keys', 'IAMReadOnly', 'API keys'),
} as const satisfies Readonly<Record<string, List>>

/** The lists of the directory. The rules of a policy are read one policy at a time. */
export type ListName = Exclude<keyof typeof LISTS, 'logs' | 'rules'>

function list(key: string, permissionSets: string, name = key): List {
  return { key, name, permissionSets }
}
