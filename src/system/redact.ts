const secretKey =
  /pass(word|wd|phrase)?$|secret$|token$|authorization|cookie|credential|private.?key|kubeconfig$|^data$|stringdata/i;
const hidden = '[redacted]';
const maxDepth = 8;
const maxString = 8192;

/**
 * `fields` as plain JSON without what looks like a secret: the last line of defence, by key, by `Bearer …` and by
 * passwords within URLs and connection strings. Errors become their name, message and own fields.
 */
export function redacted(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, field(key, value, [])]));
}

function field(key: string, value: unknown, ancestors: readonly object[]): unknown {
  const empty = value === undefined || value === null || typeof value === 'boolean' || typeof value === 'number';
  return secretKey.test(key) && !empty ? hidden : plain(value, ancestors);
}

function plain(value: unknown, ancestors: readonly object[]): unknown {
  if (typeof value === 'string') return scrubbed(value.slice(0, maxString));
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (ancestors.includes(value) || ancestors.length >= maxDepth) return '[…]';
  const within = [...ancestors, value];
  if (Array.isArray(value)) return value.map((item: unknown) => plain(item, within));
  const inside = Object.entries(value).map(([key, item]: [string, unknown]) => [key, field(key, item, within)]);
  if (!(value instanceof Error)) return Object.fromEntries(inside);
  const { name, message, cause } = value;
  const because = cause === undefined ? {} : { cause: plain(cause, within) };
  return { name, message: scrubbed(message), ...because, ...Object.fromEntries(inside) };
}

function scrubbed(text: string): string {
  return text
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]+/gi, `$1 ${hidden}`)
    .replace(/(:\/\/[^\s/:@]*):[^\s/@]*@/g, `$1:${hidden}@`)
    .replace(/\b(password\s*=\s*)('[^']*'|[^\s;&]+)/gi, `$1${hidden}`)
    .replace(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, hidden);
}
