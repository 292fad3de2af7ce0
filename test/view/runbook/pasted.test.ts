import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mode, PlanSpec } from '../../../src/api/plan.ts';
import { runbook } from '../../../src/view/runbook/runbook.ts';
import {
  aDatabase,
  anExpectation,
  aPlan,
  aRecord,
  aSmokeTest,
  aSpec,
  aWorkload,
  east,
  west,
} from '../../decide/support/plans.ts';
import { readRunbook, type RunbookBlock } from '../../support/runbook-reader.ts';

/** What a person pastes, carried out by bash, with programs that only answer and write down what they were asked. */
describe('the runbook, pasted', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'maestro-pasted-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const file = (name: string): string => readFileSync(join(folder, name), 'utf8');

  /** @returns the last line that it prints. */
  function paste(blocks: readonly RunbookBlock[], programs: Readonly<Record<string, string>>): string {
    for (const [name, body] of Object.entries(programs)) {
      writeFileSync(join(folder, name), `#!/bin/bash\necho "${name} $*" >> "${folder}/asked"\n${body}\n`);
      chmodSync(join(folder, name), 0o755);
    }
    const script = ['EPOCH=7 SUSPECTS=41', 'LSN_ORDERS=0/1', ...blocks.map(({ sh }) => sh)].join('\n');
    const { stdout } = spawnSync('bash', [], {
      cwd: folder,
      input: script,
      encoding: 'utf8',
      env: { PATH: `${folder}:/usr/bin:/bin`, HOME: folder, DR: folder },
      timeout: 20_000,
    });
    return stdout.trimEnd().split('\n').at(-1) ?? '';
  }

  const printed = (spec: PlanSpec, mode: Mode) => readRunbook(runbook({ plan: aPlan(spec), target: west, mode }));

  function blocksOf(spec: PlanSpec, id: string, part?: RunbookBlock['part'], mode: Mode = 'Forced') {
    const step = printed(spec, mode).forward.find((one) => one.id === id);
    assert.ok(step !== undefined, id);
    return step.blocks.filter((block) => part === undefined || block.part === part);
  }

  describe('carries out nothing that a plan’s text says', () => {
    const hostile = 'a$HOME`touch ran`$(touch ran)';

    it('in the name of a database', () => {
      const spec = aSpec({ databases: [aDatabase('orders', { database: hostile })] });
      const connections = printed(spec, 'Forced').prepare.filter(({ sh }) => sh.includes('PGSERVICEFILE='));
      assert.equal(connections.length, 1);
      paste(connections, { kubectl: 'echo secret' });
      assert.ok(file('pg_service.conf').split('\n').includes(`dbname=${hostile}`), file('pg_service.conf'));
      assert.ok(file('pg_service.conf').includes('\npassword=secret\n'));
      assert.ok(!existsSync(join(folder, 'ran')));
    });

    it('in the name of a role, or in a certificate, where it ends what was begun', () => {
      const role = 'shop\nSQL\ntouch ran\n';
      const caBundle = '-----BEGIN CERTIFICATE-----\nPEM\ntouch ran\n-----END CERTIFICATE-----';
      const smoke = aSmokeTest('front', 'BeforeTraffic');
      const http = { ...smoke.http, [west]: anExpectation('https://usw2/front', { caBundle }) };
      const spec = aSpec({
        databases: [aDatabase('orders', { applicationRoles: [role] })],
        smokeTests: [{ ...smoke, http }],
      });
      const { prepare } = printed(spec, 'Forced');
      paste(
        prepare.filter(({ sh }) => sh.includes('obstacles-orders.sql')),
        {},
      );
      paste(blocksOf(spec, 'open/orders', 'Do'), { psql: 'cat > sent' });
      paste(blocksOf(spec, 'smoke/front'), { curl: 'echo 200' });
      assert.ok(file('obstacles-orders.sql').includes('touch ran'), 'it is text');
      assert.ok(file('sent').length > 0);
      assert.ok(file('ca.crt').includes('touch ran'));
      assert.ok(!existsSync(join(folder, 'ran')));
    });
  });

  describe('without databases, where the stopped workload is the fence', () => {
    const spec = aSpec({ databases: [], workloads: [aWorkload('billing', { quiesce: true })] });
    const text = (mode: Mode): string => runbook({ plan: aPlan(spec), target: west, mode });
    const step = (whole: string, id: string): string => whole.split(`#### ${id}\n`)[1]?.split('\n#### ')[0] ?? '';

    it('says what is to be made sure of where the source does not answer', () => {
      assert.match(step(text('Forced'), 'quiesce/billing'), /If us-east-1 does not answer.*write down the instant/);
      assert.doesNotMatch(step(text('Planned'), 'quiesce/billing'), /does not answer/);
    });

    it('stops it at once when the source is back', () => {
      assert.match(step(text('Forced'), 'stand-down/billing'), /If quiesce\/billing was not carried out.*at once/);
    });

    it('does not tell anybody to go by databases', () => {
      assert.doesNotMatch(step(text('Forced'), 'assess'), /databases/);
    });
  });

  describe('the other databases of the server', () => {
    const look = () => {
      const found = blocksOf(aSpec(), 'fence/orders', 'Do').filter(({ prints }) => prints === 'none');
      assert.equal(found.length, 1, 'the fence asks who else may write');
      const tools = printed(aSpec(), 'Forced').prepare.filter(({ sh }) => sh.includes('writers()'));
      return [...tools, ...found];
    };
    /** Its first question is which databases there are; one of them has the name that is hardest to write. */
    const psql = (inside: string, entrants = ':'): string =>
      `case "$*" in *"unnest("*) printf '%s\\n' "it's \\\\ odd" orders;; *dbname=*) ${inside};; *) cat > /dev/null; ${entrants};; esac`;

    it('have no writer only where each was looked into', () => {
      assert.equal(paste(look(), { psql: psql(':') }), 'none');
      assert.ok(file('asked').includes(String.raw`dbname='it\'s \\ odd'`), file('asked'));
      assert.ok(file('asked').includes(`dbname='orders'`), file('asked'));
      assert.equal(
        paste(look(), { psql: psql('echo "UnlistedWriter|billing|orders"') }),
        'UnlistedWriter|billing|orders',
      );
      assert.equal(paste(look(), { psql: 'exit 2' }), '', 'the server does not answer');
    });

    it('that nobody may look into count unless nobody else may enter', () => {
      assert.equal(paste(look(), { psql: psql('exit 2') }), 'none');
      const named = paste(look(), { psql: psql('exit 2', 'echo "UnseenDatabase|billing|orders"') });
      assert.equal(named, 'UnseenDatabase|billing|orders');
      assert.equal(paste(look(), { psql: psql('exit 2', 'exit 3') }), 'UnseenDatabase||orders');
    });

    it('are looked into before the position is read that is to hold all', () => {
      const blocks = blocksOf(aSpec(), 'fence/orders', 'Do').map(({ sh }) => sh);
      const at = (text: string): number => blocks.findIndex((sh) => sh.includes(text));
      assert.ok(at('writers orders-') > at('pg_terminate_backend') && at('writers orders-') < at('LSN_ORDERS='));
    });
  });

  describe('a workload', () => {
    const quiesced = aSpec({ workloads: [aWorkload('billing', { quiesce: true })] });
    const seen = `case "$*" in *--subresource=scale*) echo app=billing;; *"get pods"*"-l app=billing"*) PODS;; *) echo 0;; esac`;

    it('is not called stopped as long as a pod of it ends', () => {
      const verifies = blocksOf(quiesced, 'quiesce/billing', 'Verify');
      assert.equal(paste(verifies, { kubectl: seen.replace('PODS', 'echo pod/billing-1') }), 'pod/billing-1');
      assert.equal(paste(verifies, { kubectl: seen.replace('PODS', ':') }), 'none');
      assert.notEqual(paste(verifies, { kubectl: seen.replace('PODS', 'exit 1') }), 'none', 'nobody looked');
      assert.notEqual(paste(verifies, { kubectl: 'exit 1' }), 'none');
    });

    const api = aSpec({ workloads: [aWorkload('api')] });
    for (const id of ['pre-scale/api', 'workload/api']) {
      it(`is never made smaller in the target: ${id}`, () => {
        paste(blocksOf(api, id, 'Do'), { kubectl: 'case "$*" in *get*) echo 20;; esac' });
        assert.doesNotMatch(file('asked'), / scale /);
        paste(blocksOf(api, id, 'Do'), { kubectl: 'case "$*" in *get*) echo 1;; esac' });
        assert.match(file('asked'), / scale deployment\/api --replicas=6$/m);
      });
    }

    it('that an autoscaler has made larger is as it should be', () => {
      const verifies = blocksOf(api, 'pre-scale/api', 'Verify');
      assert.equal(paste(verifies, { kubectl: 'echo 20' }), 'ok');
      assert.notEqual(paste(verifies, { kubectl: 'echo 5' }), 'ok');
      assert.notEqual(paste(verifies, { kubectl: 'exit 1' }), 'ok');
    });
  });

  describe('a record', () => {
    const values = { [east]: ['LB-use1.example.com.'], [west]: ['LB-usw2.example.com.'] };
    const spec = aSpec({ traffic: [aRecord('public', { values })] });
    const tools = printed(spec, 'Forced').prepare.filter(({ sh }) => sh.includes('plain()'));

    it('is compared without its notation', () => {
      const [preflight] = blocksOf(spec, 'preflight/public', 'Verify');
      assert.ok(preflight !== undefined);
      assert.equal(preflight.prints, 'lb-use1.example.com');
      assert.equal(paste([...tools, preflight], { aws: 'echo LB-use1.example.com.' }), preflight.prints);
      const [observed] = blocksOf(spec, 'observed/public');
      assert.ok(observed !== undefined);
      const dig = 'echo lb-USW2.example.com.';
      assert.equal(paste([...tools, observed], { aws: 'echo ns1 ns2', dig }), observed.prints);
      assert.equal(observed.prints, 'lb-usw2.example.com');
    });

    it('of a private zone, whose servers nobody can ask, is read from its listing', () => {
      const [observed] = blocksOf(spec, 'observed/public');
      assert.ok(observed !== undefined);
      const aws = 'case "$*" in *get-hosted-zone*) echo None;; *) echo lb-usw2.example.com;; esac';
      assert.equal(paste([...tools, observed], { aws, dig: 'exit 9' }), 'lb-usw2.example.com');
    });

    it('that lived longer than the plan says is waited out', () => {
      const shift = blocksOf(spec, 'shift/public', 'Do').slice(0, 1);
      const aws = `case "$*" in *TTL*) echo 3600;; *) echo '{}';; esac`;
      const waits = blocksOf(aSpec({ traffic: spec.traffic, workloads: [aWorkload('api')] }), 'stand-down/api', 'Do');
      assert.equal(paste([...shift, ...waits.slice(0, 1)], { aws, kubectl: ':' }), '3630');
      assert.equal(paste(waits.slice(0, 1), { kubectl: ':' }), '60', 'in a new shell the plan’s own is left');
    });
  });
});
