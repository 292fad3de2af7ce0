import { startOperator, type Operator } from '../../src/operator.ts';
import { createStage, type Stage, type StageOptions } from '../scenarios/stage.ts';
import { parseExposition, type Series } from './exposition.ts';

/** What one look at one replica showed; undefined: it did not answer. */
export interface Scrape {
  /** The replica's process, which Prometheus would tell apart by `instance`. */
  readonly instance: string;
  /** Virtual ms since the beginning. */
  readonly at: number;
  readonly text: string | undefined;
  readonly series: readonly Series[];
}

export interface ScrapedStage {
  readonly stage: Stage;
  readonly everyMs: number;
  /** In order of time. */
  readonly scrapes: readonly Scrape[];
  /** The newest of a replica that answered. @throws Error where there is none. */
  readonly latest: (instance?: string) => Scrape;
}

/** A stage whose operators are asked for their metrics every 15 s of virtual time, as Prometheus would. */
export function createScrapedStage(options: StageOptions = {}, everyMs = 15_000): ScrapedStage {
  const operators = new Map<string, Operator>();
  const start: typeof startOperator = (ports, config, management) => {
    const operator = startOperator(ports, config, management);
    operators.set(config.identity, operator);
    return operator;
  };
  const stage = createStage({ ...options, start, timeline: false });
  const scrapes: Scrape[] = [];
  const scrape = (): void => {
    const at = stage.kernel.now();
    for (const instance of options.operators ?? ['operator']) {
      const operator = stage.kernel.process(instance).state === 'running' ? operators.get(instance) : undefined;
      if (operator === undefined) scrapes.push({ instance, at, text: undefined, series: [] });
      // Nothing in it waits for the world, so it is there before anything else happens.
      else {
        void operator.metrics().then((text) => {
          scrapes.push({ instance, at, text, series: parseExposition(text) });
        });
      }
    }
    stage.kernel.time.after(everyMs, scrape);
  };
  stage.kernel.time.after(everyMs, scrape);
  return {
    stage,
    everyMs,
    scrapes,
    latest(instance) {
      const found = scrapes.findLast((one) => one.text !== undefined && (instance ?? one.instance) === one.instance);
      if (found === undefined) throw new Error(`no scrape of ${instance ?? 'any replica'} was answered`);
      return found;
    },
  };
}

/** The value of the one series of that name whose labels include these; undefined: there is none. @throws Error for several. */
export function valueOf(
  { series }: Scrape,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = seriesOf({ series }, name, labels);
  if (found.length > 1) throw new Error(`${String(found.length)} series of ${name} match ${JSON.stringify(labels)}`);
  return found[0]?.value;
}

export function seriesOf(
  { series }: Pick<Scrape, 'series'>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): readonly Series[] {
  return series.filter(
    (one) => one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value),
  );
}
