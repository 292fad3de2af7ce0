export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The record at `key`, or an empty one: for reading what may be absent. */
export function recordAt(value: JsonRecord, key: string): JsonRecord {
  const found = value[key];
  return isRecord(found) ? found : {};
}

export function stringAt(value: JsonRecord, key: string): string | undefined {
  const found = value[key];
  return typeof found === 'string' ? found : undefined;
}

export function numberAt(value: JsonRecord, key: string): number | undefined {
  const found = value[key];
  return typeof found === 'number' ? found : undefined;
}
