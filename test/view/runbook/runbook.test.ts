import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync, existsSync } from 'node:fs';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { parsePlan } from '../../../src/api/parse-plan.ts';
import { peerOf, type Mode, type Plan, type PlanSpec } from '../../../src/api/plan.ts';
import type { Step, StepKind } from '../../../src/api/run.ts';
import { buildGraph } from '../../../src/decide/graph.ts';
import { identityHash } from '../../../src/api/identity.ts';
import * as sql from '../../../src/drivers/databases/postgresql/statements.ts';
import { runbook } from '../../../src/view/runbook/runbook.ts';
import { arbitrarySpec } from '../../api/arbitrary-plan.ts';
import { aPlan, aSpec, west } from '../../decide/support/plans.ts';
import { readRunbook, type RunbookStep } from '../../support/runbook-reader.ts';

const modes: readonly Mode[] = ['Planned', 'Forced'];

const sized = /kubectl .* (scale .*--replicas=|patch cronjob.*suspend)/;

/** What each effect must be carried out with; a kind that is not here changes nothing. */
const tools: Partial<Record<StepKind, RegExp>> = {
  PreScale: sized,
  Quiesce: /kubectl .* (scale .*--replicas=0|patch cronjob.*"suspend":true)/,
  Fence: /psql .*\n[\s\S]*NOLOGIN[\s\S]*pg_terminate_backend/,
  Promote: /psql .*\n[\s\S]*pg_promote/,
  Checkpoint: /psql .*\nCHECKPOINT;/,
  Open: /psql .*\n[\s\S]*ALTER ROLE %I LOGIN/,
  Probe: /psql .*\nBEGIN; INSERT INTO .* DEFAULT VALUES; ROLLBACK;/,
  Workload: sized,
  Shift: /aws route53 change-resource-record-sets/,
  StandDown: sized,
  FinishFence: /psql .*\n[\s\S]*NOLOGIN[\s\S]*pg_terminate_backend/,
  Rebuild: /kubectl .* create -f - /,
  Protect: /psql .*\n[\s\S]*maestro-announce/,
};

function commandsOf(step: RunbookStep): string {
  return step.blocks.map(({ sh }) => sh).join('\n');
}

function assertWhole(spec: PlanSpec, target: string, mode: Mode): void {
  const text = runbook({ plan: aPlan(spec), target, mode });
  const { forward, back } = readRunbook(text);
  assertFollows(forward, buildGraph({ spec, target, mode }));
  assertFollows(back, buildGraph({ spec, target: peerOf(spec, target), mode: 'Planned' }));
}

/** Every step of the graph, once, after what it depends on, with the tool of its effect. */
function assertFollows(printed: readonly RunbookStep[], graph: readonly Step[]): void {
  const ids = printed.map(({ id }) => id);
  assert.deepEqual(ids.toSorted(), graph.map(({ id }) => id).toSorted());
  for (const step of graph) {
    const at = ids.indexOf(step.id);
    for (const before of step.after) assert.ok(ids.indexOf(before) < at, `${before} before ${step.id}`);
    const found = printed[at];
    assert.ok(found !== undefined);
    const tool = tools[step.kind];
    if (step.effect !== 'None') assert.ok(tool !== undefined, `${step.kind} has an effect`);
    if (tool !== undefined) assert.match(commandsOf(found), tool, step.id);
  }
}

describe('the runbook', () => {
  it('of any plan has every step and every effect of its graph, each after what it depends on', () => {
    fc.assert(
      fc.property(arbitrarySpec, fc.constantFrom(...modes), fc.boolean(), (spec, mode, first) => {
        assertWhole(withJobs(spec), spec.regions[first ? 0 : 1], mode);
      }),
      { numRuns: 150 },
    );
  });

  it('sends the statements of the PostgreSQL driver, once a shell has filled in the epoch', () => {
    const spec = aSpec();
    const { forward } = readRunbook(runbook({ plan: aPlan(spec), target: west, mode: 'Planned' }));
    const sent = forward.flatMap((step) => step.blocks.flatMap(({ sh }) => sentBy(sh)));
    const hash = identityHash(spec.identity);
    const mark = (step: string) => ({ hash, epoch: 7, token: `by-hand/checkout-7/${step}` });
    const wanted = [
      sql.fenceStatement(mark('fence/orders'), ['shop']),
      sql.endSessionsStatement(['shop'], [41, 42]),
      sql.sealStatement(mark('fence/orders')),
      sql.endReadersStatement(),
      sql.promoteStatement(),
      sql.checkpointStatement(),
      sql.openStatement(mark('open/orders')),
      sql.probeStatement('orders'),
    ];
    for (const { name, text } of wanted) {
      assert.ok(
        sent.some((one) => one.includes(text)),
        `${name}:\n${text}\nin\n${sent.join('\n---\n')}`,
      );
    }
  });

  it('asks the questions of the PostgreSQL driver', () => {
    const spec = aSpec();
    const text = runbook({ plan: aPlan(spec), target: west, mode: 'Forced' });
    for (const statement of [
      sql.serverStatement(),
      sql.slotsStatement(),
      sql.rightsStatement(),
      sql.flushedStatement(),
    ]) {
      assert.ok(text.includes(`\n${statement.text}\nSQL\n`), statement.name);
    }
    const asked = [...text.matchAll(/<<'SQL'\n([\s\S]*?)\nSQL\n/g)].map(([, own]) => own ?? '');
    assert.ok(asked.length >= 8);
    for (const own of asked) assert.doesNotMatch(own, /\$[1-9]/, 'no parameter is left open');
  });

  it('says how commits are let go where they wait for a standby, in the words of the operator', () => {
    const { forward } = readRunbook(runbook({ plan: aPlan(aSpec()), target: west, mode: 'Forced' }));
    const promoted = forward.find(({ id }) => id === 'promote/orders')?.blocks ?? [];
    const asked = promoted.find(({ sh }) => sh.includes('synchronous_wanted <= synchronous_there'));
    assert.equal(asked?.prints, 't');
    assert.match(
      asked.otherwise?.join() ?? '',
      /-c "ALTER SYSTEM SET synchronous_standby_names = ''" -c "SELECT pg_reload_conf\(\)"/,
    );
  });

  it('is valid for bash, whatever the plan is called', () => {
    const odd = aSpec({ identity: `it's "a" $plan\\` });
    for (const mode of modes) {
      const text = runbook({
        plan: aPlan(odd),
        target: west,
        mode,
        contexts: { [west]: `arn:aws:eks:x:1:cluster/w's` },
      });
      const script = [...text.matchAll(/```sh\n([\s\S]*?)\n```/g)].map(([, sh]) => sh ?? '').join('\n');
      const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    }
  });

  for (const mode of modes) {
    it(`of the example reads as checked in, ${mode}`, () => {
      held(
        `checkout-${mode.toLowerCase()}.md`,
        runbook({ plan: example(), target: 'us-west-2', mode, replicas: { api: 6 } }),
      );
    });
  }

  it('leaves the way back to another print where both would not fit', () => {
    const text = runbook({ plan: aPlan(aSpec()), target: west, mode: 'Forced', failback: false });
    assert.match(text, /Print it with `kubectl drplan runbook checkout -n payments --to us-east-1 --mode Planned`/);
    assert.equal(readRunbook(text).back.length, 0);
  });
});

/** The generated plans leave a rebuild out now and then; by hand it is then prose alone. */
function withJobs(spec: PlanSpec): PlanSpec {
  const rebuild = { jobTemplate: { spec: { template: { spec: { containers: [{ name: 'rebuild' }] } } } } };
  return { ...spec, databases: spec.databases.map((database) => ({ ...database, rebuild })) };
}

/** What psql would be given, by a shell in which the epoch is 7 and two backends are suspects. */
function sentBy(sh: string): readonly string[] {
  const documents = [...sh.matchAll(/<<SQL[^\n]*\n([\s\S]*?)\nSQL/g)].map(([, text]) => text ?? '');
  return documents.map((text) => {
    const { stdout, status } = spawnSync('bash', ['-c', `EPOCH=7 SUSPECTS='41, 42'\ncat <<SQL\n${text}\nSQL`], {
      encoding: 'utf8',
    });
    assert.equal(status, 0);
    return stdout;
  });
}

function example(): Plan {
  const file = new URL('../../../docs/examples/checkout.yaml', import.meta.url);
  const documents = parseAllDocuments(readFileSync(file, 'utf8'));
  const parsed = parsePlan(documents.at(-1)?.toJS());
  assert.ok(parsed.ok);
  return parsed.value;
}

function held(name: string, text: string): void {
  const file = new URL(`./golden/${name}`, import.meta.url);
  if (process.env.UPDATE_GOLDEN === '1' || (!existsSync(file) && process.env.CI !== 'true')) writeFileSync(file, text);
  assert.equal(text, readFileSync(file, 'utf8'));
}
