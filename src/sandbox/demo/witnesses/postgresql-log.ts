import { readFile } from 'node:fs/promises';

/**
 * What a server's own log says (`log_line_prefix` is `%m [%p] %q%u@%d `); no client can write there what did not
 * happen. Times in ms.
 */
export interface ServerLog {
  /** From then on it took connections. */
  readonly ready: readonly number[];
  /** From then on it followed another server. */
  readonly standby: readonly number[];
  readonly promotions: readonly number[];
  /** Timelines that it began by being promoted. */
  readonly timelines: readonly number[];
  /** Sessions of the shop that were let in, turned away because the role may not log in, and ended by somebody. */
  readonly admitted: readonly number[];
  readonly refused: readonly number[];
  readonly terminated: readonly number[];
}

interface Entry {
  readonly at: number;
  readonly text: string;
}

const LINE = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3}) UTC \[\d+\] (.*)$/;

export async function readServerLog(path: string): Promise<ServerLog> {
  return parseServerLog(await readFile(path, 'utf8'));
}

export function parseServerLog(log: string): ServerLog {
  const entries = log.split('\n').flatMap((line): readonly Entry[] => {
    const [, day, time, text] = LINE.exec(line) ?? [];
    return day === undefined || time === undefined || text === undefined
      ? []
      : [{ at: Date.parse(`${day}T${time}Z`), text }];
  });
  const times = (pattern: RegExp): readonly number[] =>
    entries.filter(({ text }) => pattern.test(text)).map(({ at }) => at);
  return {
    ready: times(/LOG: {2}database system is ready to accept/),
    standby: times(/LOG: {2}entering standby mode/),
    promotions: times(/LOG: {2}received promote request/),
    timelines: entries.flatMap(({ text }) => {
      const found = /LOG: {2}selected new timeline ID: (\d+)/.exec(text);
      return found === null ? [] : [Number(found[1])];
    }),
    admitted: times(/LOG: {2}connection authorized: user=shop /),
    refused: times(/FATAL: {2}role "shop" is not permitted to log in/),
    terminated: times(/^shop@\S* FATAL: {2}terminating connection due to administrator command/),
  };
}
