import type { RecordSet } from './record-set.ts';
import { isFields, isRecordSet } from './record-set.ts';

/** What a compare-and-swap must find: the record and its ownership TXT exactly as they were listed; null is absent. */
export interface Listed {
  readonly record: RecordSet | null;
  readonly ownership: RecordSet | null;
}

export function writeListed(listed: Listed): string {
  return JSON.stringify(listed);
}

/** @returns undefined where the text is none of writeListed's. */
export function readListed(text: string): Listed | undefined {
  const value = parsed(text);
  if (!isFields(value)) return undefined;
  const { record, ownership } = value;
  const fits = (set: unknown): set is RecordSet | null => set === null || isRecordSet(set);
  return fits(record) && fits(ownership) ? { record, ownership } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
