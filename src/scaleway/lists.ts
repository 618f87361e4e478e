// The lists of Scaleway's IAM API that are read here, by the last part of their path.

/** The maximum number of items that Scaleway returns per page, for every list. */
export const PAGE_SIZE = 100

/**
 * The permission sets that allow reading a list in the whole Organization. Scaleway documents none for the logs; its
 * own tools use this.
 */
export const PERMISSION_SETS = {
  logs: 'IAMReadOnly',
  users: 'IAMUserReadOnly or IAMReadOnly',
  applications: 'IAMApplicationReadOnly or IAMReadOnly',
  groups: 'IAMGroupReadOnly or IAMReadOnly',
  policies: 'IAMPolicyReadOnly or IAMReadOnly',
  rules: 'IAMPolicyReadOnly or IAMReadOnly',
  'api-keys': 'IAMReadOnly',
} as const

export type List = keyof typeof PERMISSION_SETS

/** The lists of the directory. The rules of a policy are read one policy at a time. */
export type DirectoryList = Exclude<List, 'logs' | 'rules'>

/** The key of a list's items in responses. */
export function keyOf(list: List): string {
  return list.replace('-', '_')
}
