import { isObject, objectAt, parseJson, type Json, type JsonObject } from './json.ts';

const REDACTED = '[redacted]';

/** The body of a mutation as the audit keeps it: what a Secret holds never gets into a log. */
export function auditBody(storage: string, body: string | undefined): string | undefined {
  if (body === undefined || storage !== '/secrets') return body;
  try {
    return JSON.stringify(redact(parseJson(body)));
  } catch (error) {
    if (error instanceof SyntaxError) return REDACTED;
    throw error;
  }
}

function redact(body: Json): Json {
  // A JSON patch may carry a value anywhere.
  if (!isObject(body)) return REDACTED;
  return Object.fromEntries(
    Object.entries(body).map(([key, value]): [string, Json] => {
      if (key === 'data' || key === 'stringData') return [key, redactValues(objectAt(body, key))];
      return key === 'metadata' ? [key, withoutLastApplied(objectAt(body, key))] : [key, value];
    }),
  );
}

function redactValues(data: JsonObject): JsonObject {
  return Object.fromEntries(Object.keys(data).map((key) => [key, REDACTED]));
}

/** kubectl apply repeats the whole Secret in an annotation. */
function withoutLastApplied(metadata: JsonObject): JsonObject {
  const annotations = objectAt(metadata, 'annotations');
  const key = 'kubectl.kubernetes.io/last-applied-configuration';
  if (!Object.hasOwn(annotations, key)) return metadata;
  return { ...metadata, annotations: { ...annotations, [key]: REDACTED } };
}
