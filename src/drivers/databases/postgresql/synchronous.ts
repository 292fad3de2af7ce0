/** What lets commits wait for no synchronous standby any more, until one is named again; each a transaction of its own. */
export const ASK_FOR_NO_STANDBY = [
  "ALTER SYSTEM SET synchronous_standby_names = ''",
  'SELECT pg_reload_conf()',
] as const;
