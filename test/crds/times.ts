import type { CelCase } from './cel-cases.ts';
import { changed, run, type Wire } from './objects.ts';

/**
 * Texts that the API server's `format: date-time` lets pass, each with ms since the Unix epoch where it is a time, and
 * without where the CRD's pattern has to refuse it. The server's rule (kube-openapi, strfmt/time.go) takes any character
 * before a fraction and any two digits for an offset's hours, and does not look behind a second T. In small letters it
 * lets pass what its CEL cannot read, so that every later change of the Run would be refused.
 */
export const dateTimes: readonly (readonly [text: string, ms?: number])[] = [
  ['2026-03-01T04:05:06Z', Date.UTC(2026, 2, 1, 4, 5, 6)],
  ['2026-03-01T04:05:06.123456789Z', Date.UTC(2026, 2, 1, 4, 5, 6, 123)],
  // As `date -Ins` and log4j write it.
  ['2026-03-01T04:05:06,123+00:00', Date.UTC(2026, 2, 1, 4, 5, 6, 123)],
  ['2026-03-01T04:05:06,5-23:59', Date.UTC(2026, 2, 2, 4, 4, 6, 500)],
  ['2024-02-29T23:59:59+05:30', Date.UTC(2024, 1, 29, 18, 29, 59)],
  // UTC would need a fifth digit of the year, or a sign.
  ['9999-12-31T23:59:59-01:00', Date.UTC(9999, 11, 31, 23, 59, 59, 999)],
  ['0000-01-01T00:00:00+01:00', Date.parse('0000-01-01T00:00:00Z')],
  ['2026-03-01t04:05:06Z'],
  ['2026-03-01T04:05:06z'],
  ['2026-03-01T04:05:06 123Z'],
  ['2026-03-01T04:05:06:123Z'],
  ['2026-03-01T04:05:0678Z'],
  ['2026-03-01T04:05:06é1Z'],
  ['2026-03-01T04:05:06+24:00'],
  ['2026-03-01T04:05:06+00:60'],
  ['2026-03-01T04:05:06.1-99:99'],
  ['2026-03-01T04:05:06ZTea'],
];

const said = { by: 'ada', reason: 'seen' };

/** The two of a Run's records that have a time in them. */
export const timed: Readonly<Record<'attestations' | 'retries', (at: string) => Wire>> = {
  attestations: (at) => changed(run, 'spec/attestations', [{ target: 'orders', kind: 'Fenced', at, ...said }]),
  retries: (at) => changed(run, 'spec/retries', [{ step: 'rebuild/orders', at, ...said }]),
};

export const timeCases = (['attestations', 'retries'] as const).flatMap((list) =>
  dateTimes.flatMap(([at, ms]): readonly CelCase[] => {
    const object = timed[list](at);
    const title = `${list} of ${at}`;
    if (ms === undefined) return [{ title, object, refused: [{ field: `spec.${list}[0].at`, says: 'should match' }] }];
    const aborted = changed(object, 'spec/desiredState', 'Aborted');
    return [
      { title, object },
      { title: `${title}, and an abort after them`, old: object, object: aborted },
    ];
  }),
);
