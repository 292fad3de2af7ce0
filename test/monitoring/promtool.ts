import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { notation, type Series } from './exposition.ts';
import { ruleFile } from './rules.ts';
import type { ToldStory } from './stories.ts';

/** @throws Error with what promtool said, where it found something wrong or is not there. */
export function promtool(args: readonly string[], files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'maestro-promtool-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const { status, stdout, stderr, error } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
    if (error !== undefined) {
      throw new Error(`promtool: ${error.message}; make test-tools installs it (Debian's package prometheus)`);
    }
    if (status !== 0) throw new Error(`promtool ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The rules as Prometheus itself reads them: an array's elements each, and no `$ref` of YAML. */
export function rulesText(): string {
  return stringify(ruleFile(), { aliasDuplicateObjects: false });
}

/**
 * A unit test of the rules, its series exactly what the story's scrapes showed, and what must fire at each mark. A series
 * that is not in a scrape goes stale there, as in Prometheus.
 */
export function unitTest(story: ToldStory): string {
  const everyS = story.everyMs / 1000;
  return stringify(
    {
      rule_files: ['rules.yaml'],
      evaluation_interval: `${String(everyS)}s`,
      tests: [
        {
          interval: `${String(everyS)}s`,
          input_series: inputSeries(story),
          promql_expr_test: story.marks.map(({ at, firing }) => ({
            expr: 'max by (alertname) (ALERTS{alertstate="firing"})',
            // The last scrape before it: between two nothing new is known.
            eval_time: `${String(Math.floor(at / story.everyMs) * everyS)}s`,
            exp_samples: firing.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
          })),
        },
      ],
    },
    { aliasDuplicateObjects: false },
  );
}

function inputSeries({ scrapes, everyMs }: ToldStory): readonly { readonly series: string; readonly values: string }[] {
  const lines = new Map<string, (number | undefined)[]>();
  for (const { instance, at, series } of scrapes) {
    for (const one of series) {
      const key = notation(scraped(one, instance));
      const values = lines.get(key) ?? [];
      values[Math.round(at / everyMs)] = one.value;
      lines.set(key, values);
    }
  }
  const count = Math.round((scrapes.at(-1)?.at ?? 0) / everyMs) + 1;
  return [...lines].map(([series, values]) => ({ series, values: valuesText(values, count) }));
}

function valuesText(values: readonly (number | undefined)[], count: number): string {
  const words: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const value = values[index];
    if (value !== undefined) words.push(String(value));
    else words.push(index > 0 && values[index - 1] !== undefined ? 'stale' : '_');
  }
  return words.join(' ');
}

/** With the labels that Prometheus adds to what it scrapes from the operator's pods. */
function scraped({ name, labels }: Series, instance: string): Pick<Series, 'name' | 'labels'> {
  return { name, labels: { ...labels, namespace: 'maestro-dr-system', job: 'maestro-dr', instance } };
}
