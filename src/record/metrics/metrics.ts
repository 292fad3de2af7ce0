import { Gauge, Registry } from 'prom-client';
import { families, type Family } from './families.ts';
import { createInstruments, type Instruments } from './instruments.ts';
import { createLags, type Lags } from './lags.ts';
import type { Sample } from './sample.ts';

/** The metrics of one operator: what it counts, what it notes, and their text. Several live in one process. */
export interface Metrics {
  readonly instruments: Instruments;
  readonly lags: Lags;
  /** Prometheus' text format 0.0.4: what was counted, and these samples alone of the families. */
  text(samples: readonly Sample[]): Promise<string>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const gauges = new Map<string, Gauge>();
  for (const [name, { help, labels }] of Object.entries(families)) {
    gauges.set(name, new Gauge({ name, help, labelNames: [...labels], registers: [registry] }));
  }
  return {
    instruments: createInstruments(registry),
    lags: createLags(),
    async text(samples) {
      show(gauges, samples);
      return await registry.metrics();
    },
  };
}

/** All at once, so that two scrapes at a time each show whole families. */
function show(gauges: ReadonlyMap<string, Gauge>, samples: readonly Sample[]): void {
  for (const gauge of gauges.values()) gauge.reset();
  for (const { family, labels, value } of samples) gaugeOf(gauges, family).set({ ...labels }, value);
}

/** @throws Error never, but for a defect: each family of the table has its gauge. */
function gaugeOf(gauges: ReadonlyMap<string, Gauge>, family: Family): Gauge {
  const gauge = gauges.get(family);
  if (gauge === undefined) throw new Error(`there is no gauge ${family}`);
  return gauge;
}
