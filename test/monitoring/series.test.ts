import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { families } from '../../src/record/metrics/families.ts';
import { dashboard, dashboardExpressions } from './dashboard.ts';
import { groupedLabels, selectedSeries } from './promql.ts';
import { alertRules, readMonitoring } from './rules.ts';
import { stories, tellStory, type ToldStory } from './stories.ts';

/** What Prometheus itself adds to what it scrapes. */
const scrapeLabels = ['namespace', 'job', 'instance'];

const docs = readFileSync(new URL('../../docs/monitoring.md', import.meta.url), 'utf8');

interface UnitTest {
  readonly tests: readonly {
    readonly input_series: readonly { readonly series: string }[];
    readonly alert_rule_test: readonly {
      readonly alertname: string;
      readonly exp_alerts?: readonly unknown[];
    }[];
  }[];
}

const unitTest = parse(readMonitoring('prometheusrule.test.yaml')) as UnitTest;

function shapeOf(name: string, labels: readonly string[]): string {
  return [name, ...labels.toSorted()].join(' ');
}

async function told(name: RegExp): Promise<ToldStory> {
  const story = stories.find((one) => name.test(one.name));
  assert.ok(story !== undefined);
  return await tellStory(story);
}

/** Two histories that between them come to everything that is shown: what was scraped in them is what there is. */
describe('the series that rules, board and their tests speak of', function () {
  this.timeout(600_000);
  const scraped = new Map<string, Set<string>>();
  /** `name label label`: every combination that was shown. */
  const shapes = new Set<string>();

  before(async () => {
    for (const { scrapes } of [await told(/a region is lost/), await told(/in the runs before never is/)]) {
      for (const { name, labels } of scrapes.flatMap(({ series }) => series)) {
        const known = scraped.get(name) ?? new Set();
        for (const label of Object.keys(labels)) known.add(label);
        scraped.set(name, known);
        shapes.add(shapeOf(name, Object.keys(labels)));
      }
    }
  });

  function unknownIn(expr: string): readonly string[] {
    const selected = selectedSeries(expr);
    assert.ok(selected.length > 0, `no series in: ${expr}`);
    const everywhere = new Set(selected.flatMap(({ name }) => [...(scraped.get(name) ?? [])]).concat(scrapeLabels));
    return [
      ...selected.flatMap(({ name, labels }) => {
        const known = scraped.get(name);
        if (known === undefined) return [`${name} is in no scrape`];
        return labels
          .filter((label) => !known.has(label) && !scrapeLabels.includes(label))
          .map((label) => `${name} has no label ${label}`);
      }),
      ...groupedLabels(expr)
        .filter((label) => label !== 'le' && !everywhere.has(label))
        .map((label) => `no series of it has the label ${label}`),
    ];
  }

  it('come to every family that there is', () => {
    assert.deepEqual(
      Object.keys(families).filter((name) => !scraped.has(name)),
      [],
    );
  });

  it('are in the scrapes, for the rules', () => {
    for (const { alert, expr } of alertRules()) assert.deepEqual(unknownIn(expr), [], alert);
  });

  it('are in the scrapes, for the board', () => {
    for (const expr of dashboardExpressions(dashboard())) assert.deepEqual(unknownIn(expr), [], expr);
  });

  it('are in the scrapes with these labels and no others, for the tests of the rules', () => {
    const series = unitTest.tests.flatMap((test) => test.input_series.flatMap((one) => selectedSeries(one.series)));
    assert.ok(series.length > 20);
    for (const { name, labels } of series) {
      const own = labels.filter((label) => !scrapeLabels.includes(label));
      assert.ok(shapes.has(shapeOf(name, own)), `${name} with ${own.join(', ')} is in no scrape`);
      assert.equal(labels.length, own.length + scrapeLabels.length, name);
    }
  });

  it('are told apart from what is not there', () => {
    assert.deepEqual(
      unknownIn('max by (plan, zone) (maestro_dr_plan_protected{plan="a",region=~"b"}) > maestro_dr_no'),
      [
        'maestro_dr_plan_protected has no label region',
        'maestro_dr_no is in no scrape',
        'no series of it has the label zone',
      ],
    );
  });

  it('are each explained in docs/monitoring.md', () => {
    const metrics = [...scraped.keys()].map((name) =>
      name.startsWith('maestro_dr_reconcile_duration_seconds') ? 'maestro_dr_reconcile_duration_seconds' : name,
    );
    for (const name of metrics) assert.ok(docs.includes(`\`${name}\``), name);
    const spokenOf = [...docs.matchAll(/`(maestro_dr_\w+)`/g)].map(([, name = '']) => name);
    assert.deepEqual(
      spokenOf.filter((name) => !metrics.includes(name)),
      [],
    );
  });
});

describe('the alerts', () => {
  it('have each a severity, a sentence to act on, and a chapter in docs/monitoring.md', () => {
    const headings = [...docs.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading.toLowerCase().replaceAll(' ', '-'),
    );
    for (const { alert, labels, annotations } of alertRules()) {
      assert.match(labels.severity ?? '', /^(critical|warning)$/, alert);
      assert.match(annotations.summary ?? '', /^\S.*\.$/, alert);
      assert.match(annotations.description ?? '', /^\S.*\.$/, alert);
      const [path, anchor = ''] = (annotations.runbook_url ?? '').split('#');
      assert.equal(path, 'docs/monitoring.md', alert);
      assert.ok(headings.includes(anchor), `${alert}: no heading for #${anchor}`);
      assert.equal(anchor, alert.toLowerCase());
    }
  });

  it('are each tested firing and not firing', () => {
    const cases = unitTest.tests.flatMap((test) => test.alert_rule_test);
    for (const { alert } of alertRules()) {
      const own = cases.filter(({ alertname }) => alertname === alert);
      assert.ok(
        own.some(({ exp_alerts: expected = [] }) => expected.length > 0),
        `${alert} firing`,
      );
      assert.ok(
        own.some(({ exp_alerts: expected = [] }) => expected.length === 0),
        `${alert} not firing`,
      );
    }
  });
});

describe('the board', () => {
  const { panels, ...board } = dashboard();

  it('has panels with a title, an id of their own, a description, and something to show', () => {
    assert.equal(board.title, 'Maestro DR');
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    for (const { type, title, description, targets } of panels) {
      assert.ok(title.length > 0);
      if (type === 'row') continue;
      assert.match(description ?? '', /\.$/, title);
      assert.ok((targets ?? []).length > 0, title);
      assert.equal(new Set((targets ?? []).map(({ refId }) => refId)).size, (targets ?? []).length, title);
    }
  });

  it('has no panel over another or past the edge', () => {
    const cells = panels.flatMap(({ title, gridPos: { x, y, w, h } }) => {
      assert.ok(x + w <= 24, title);
      return Array.from(
        { length: w * h },
        (_, index) => `${String(x + (index % w))}/${String(y + Math.floor(index / w))}`,
      );
    });
    assert.equal(new Set(cells).size, cells.length);
  });
});
