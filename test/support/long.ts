/** Whether `npm run test:long` runs, with many more rounds. */
export const LONG = Boolean(process.env.IAM_LOGS_TEST_LONG)
