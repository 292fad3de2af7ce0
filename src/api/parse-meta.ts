import { reader, type Problem } from './reader.ts';
import { parseTime } from './time.ts';

/** What every object carries. */
export interface Meta {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly resourceVersion: string;
  readonly createdAt: number;
  readonly deleting: boolean;
}

export function parseMeta(object: unknown, problems: Problem[]): Meta {
  const meta = reader(object, '', problems).object('metadata');
  return {
    namespace: meta.textOr('namespace', ''),
    name: meta.text('name'),
    uid: meta.textOr('uid', ''),
    generation: meta.number('generation', 0),
    resourceVersion: meta.textOr('resourceVersion', ''),
    createdAt: parseTime(meta.textOr('creationTimestamp', '')) ?? 0,
    deleting: meta.has('deletionTimestamp'),
  };
}
