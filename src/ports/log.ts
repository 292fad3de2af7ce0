export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Structured: `message` is constant, what varies is a field. Carries plan, run, epoch and step where there are any. */
export interface Log {
  log(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** The same log with `bound` in every entry. */
export function withFields(log: Log, bound: Readonly<Record<string, unknown>>): Log {
  return { log: (level, message, fields) => log.log(level, message, { ...bound, ...fields }) };
}
