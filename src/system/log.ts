import { Writable } from 'node:stream';
import winston from 'winston';
import type { Log, LogLevel } from '../ports/log.ts';
import { redacted } from './redact.ts';

export interface LogOptions {
  readonly level: LogLevel;
  /** Default: standard error, so that a command's output stays its own. */
  readonly stream?: Writable | undefined;
}

/** One JSON object a line: `ts` (RFC 3339), `level`, `msg`, then the fields, without secrets. */
export function createLog({ level, stream = process.stderr }: LogOptions): Log {
  const logger = winston.createLogger({
    level,
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    format: winston.format.printf(({ message }) => String(message)),
  });
  logger.pipe(lines(stream));
  return {
    log: (at, message, fields) => {
      if (logger.isLevelEnabled(at)) logger.log(at, entry(at, message, fields));
    },
  };
}

/** Winston's entries as lines. It waits for nobody, so that what was logged before an exit has been written. */
function lines(stream: Writable): Writable {
  return new Writable({
    objectMode: true,
    write: (info: Readonly<Record<symbol, unknown>>, _encoding, done) => {
      stream.write(`${String(info[Symbol.for('message')])}\n`);
      done();
    },
  });
}

function entry(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>): string {
  const own = { ts: new Date().toISOString(), level, msg: message };
  // A field may not pass for the entry's own: it keeps its value under another name.
  const others = Object.entries(fields).map(([key, value]) => [key in own ? `field_${key}` : key, value] as const);
  return JSON.stringify({ ...own, ...redacted(Object.fromEntries(others)) });
}
