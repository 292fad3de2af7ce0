/** One line of Prometheus' text format. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/g;

/** The series of a scrape. @throws Error for a line that is none (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export function parseExposition(text: string): readonly Series[] {
  return text
    .split('\n')
    .filter((one) => one !== '' && !one.startsWith('#'))
    .map((one) => {
      const [, name, labels = '', value] = line.exec(one) ?? [];
      if (name === undefined || value === undefined) throw new Error(`no series: ${one}`);
      const pairs = [...labels.matchAll(label)];
      if (pairs.map(([whole]) => whole).join('') !== labels) throw new Error(`no labels: ${one}`);
      return {
        name,
        labels: Object.fromEntries(pairs.map(([, key = '', text = '']) => [key, unescaped(text)])),
        value: numberOf(value),
      };
    });
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_all, one: string) => (one === 'n' ? '\n' : one));
}

function numberOf(text: string): number {
  if (text === '+Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  const value = Number(text);
  if (Number.isNaN(value) && text !== 'NaN') throw new Error(`no value: ${text}`);
  return value;
}

/** As PromQL writes it. */
export function notation({ name, labels }: Pick<Series, 'name' | 'labels'>): string {
  const pairs = Object.entries(labels)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
}
