import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { kubeconfigFor } from '../../../../src/sandbox/wire/kube-api/index.ts';
import { kubectl } from '../../../support/kubectl.ts';
import { outcomeOf, type Outcome } from '../../../support/outcome-of.ts';
import { deployment, widget, widgetCrd } from '../../models/kube-api/fixture.ts';
import { served, TOKEN, type Served } from './real-time.ts';

const SPEC = {
  type: 'object',
  required: ['size'],
  properties: { size: { type: 'integer' }, color: { type: 'string', default: 'red' } },
  'x-kubernetes-validations': [
    { rule: 'self.size <= 10', message: 'size is at most 10' },
    { rule: 'self.size >= oldSelf.size', message: 'size never shrinks' },
  ],
};

describe('kube-api: kubectl 1.35', function () {
  // Each call starts a 58 MB binary that asks for discovery: slow where the machine is busy.
  this.timeout(120_000);

  let made: Served;
  let binary: string;
  let folder: string;

  before(async () => {
    made = await served();
    binary = await kubectl();
    folder = await mkdtemp(join(tmpdir(), 'maestro-dr-kubectl-'));
    const { server, ca } = made;
    await writeFile(
      join(folder, 'config'),
      kubeconfigFor({ server: server.url, ca, token: TOKEN, namespace: 'default' }),
    );
    await apply('crd.yaml', widgetCrd(SPEC));
  });
  after(async () => {
    await made.close();
    await rm(folder, { recursive: true, force: true });
  });

  function start(...args: readonly string[]) {
    return spawn(binary, args, {
      cwd: folder,
      env: { KUBECONFIG: join(folder, 'config'), HOME: folder, PATH: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 100_000,
      killSignal: 'SIGKILL',
    });
  }

  async function run(...args: readonly string[]): Promise<Outcome> {
    const child = start(...args);
    return await outcomeOf(child);
  }

  async function ok(...args: readonly string[]): Promise<string> {
    const { code, out, err } = await run(...args);
    assert.equal(code, 0, `kubectl ${args.join(' ')}: ${err}`);
    assert.equal(err, '', `kubectl ${args.join(' ')} warned`);
    return out;
  }

  async function apply(file: string, object: object): Promise<string> {
    await writeFile(join(folder, file), stringify(object));
    return await ok('apply', '-f', file);
  }

  it('applies a custom resource twice, shows and patches it', async () => {
    assert.match(await apply('one.yaml', widget('one')), /widget.test.maestro.io\/one created/);
    assert.match(await ok('apply', '-f', 'one.yaml'), /widget.test.maestro.io\/one unchanged/);
    assert.match(await apply('one.yaml', widget('one', { size: 4 })), /widget.test.maestro.io\/one configured/);
    assert.match(await ok('get', 'wg'), /^NAME +SIZE +READY +AGE\none +4 +\S+\n$/);
    const yaml = await ok('get', 'wg', 'one', '-o', 'yaml');
    assert.match(yaml, /kind: Widget/);
    assert.match(yaml, /color: red\n {2}size: 4/);
    assert.match(await ok('patch', 'wg', 'one', '--type=merge', '-p', '{"spec":{"size":5}}'), /patched/);
    assert.match(await ok('patch', 'wg', 'one', '--type=merge', '-p', '{"spec":{"size":5}}'), /patched \(no change\)/);
    assert.equal(await ok('get', 'wg', 'one', '-o', 'jsonpath={.spec.size}'), '5');
  });

  it('is told what is wrong: a rule, an unknown field, a stale version', async () => {
    await apply('two.yaml', widget('two'));
    const broken = await run('patch', 'wg', 'two', '--type=merge', '-p', '{"spec":{"size":11}}');
    assert.equal(broken.code, 1);
    assert.equal(broken.err, 'The Widget "two" is invalid: spec: Invalid value: "object": size is at most 10\n');
    const shrunk = await run('patch', 'wg', 'two', '--type=merge', '-p', '{"spec":{"size":1}}');
    assert.match(shrunk.err, /size never shrinks/);
    await writeFile(join(folder, 'strange.yaml'), stringify(widget('strange', { size: 3, sise: 4 })));
    const strict = await run('apply', '-f', 'strange.yaml');
    assert.equal(strict.code, 1);
    assert.match(strict.err, /strict decoding error: unknown field "spec.sise"/);
    const patch = JSON.stringify({ metadata: { resourceVersion: '1' }, spec: { size: 4 } });
    const stale = await run('patch', 'wg', 'two', '--type=merge', '-p', patch);
    assert.match(
      stale.err,
      /the object has been modified; please apply your changes to the latest version and try again/,
    );
  });

  it('waits for conditions and for values', async () => {
    await apply('three.yaml', widget('three'));
    const waiting = ok('wait', 'wg/three', '--for=condition=Ready', '--timeout=90s');
    const value = ok('wait', 'wg/three', '--for=jsonpath={.status.phase}=Active', '--timeout=90s');
    while (made.api.hooks.watches() < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    const status = { phase: 'Active', conditions: [{ type: 'Ready', status: 'True' }] };
    await ok('patch', 'wg', 'three', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status }));
    assert.match(await waiting, /condition met/);
    assert.match(await value, /condition met/);
  });

  it('waits for a deletion that a finalizer holds up', async () => {
    await apply('four.yaml', { ...widget('four'), metadata: { name: 'four', finalizers: ['dr.maestro.io/keep'] } });
    const deleting = ok('delete', 'wg', 'four', '--timeout=90s');
    while (made.api.hooks.watches() === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await ok('patch', 'wg', 'four', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
    assert.match(await deleting, /"four" deleted/);
    assert.equal((await run('get', 'wg', 'four')).code, 1);
  });

  it('follows changes with get -w', async () => {
    await apply('five.yaml', widget('five'));
    const child = start('get', 'wg', 'five', '-w');
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    try {
      while (!out.includes('five')) await new Promise((resolve) => setTimeout(resolve, 10));
      while (made.api.hooks.watches() === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      await ok('patch', 'wg', 'five', '--type=merge', '-p', '{"spec":{"size":9}}');
      while (!/five +9/.test(out)) await new Promise((resolve) => setTimeout(resolve, 10));
    } finally {
      child.kill('SIGKILL');
    }
    assert.match(out, /^NAME +SIZE +READY +AGE\nfive +3 +\S+\nfive +9 /);
  });

  it('runs a Deployment: apply twice, wait, scale, roll, describe with events, delete', async () => {
    assert.match(await apply('api.yaml', deployment('api', 2)), /deployment.apps\/api created/);
    assert.match(await ok('apply', '-f', 'api.yaml'), /deployment.apps\/api unchanged/);
    await ok('wait', 'deploy/api', '--for=condition=Available', '--timeout=60s');
    await ok('rollout', 'status', 'deploy/api', '--timeout=60s');
    assert.match(await ok('get', 'deploy'), /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\napi +2\/2 +2 +2 +\S+\n$/);
    assert.match(await ok('scale', 'deploy/api', '--replicas=3'), /scaled/);
    await ok('wait', 'deploy/api', '--for=jsonpath={.status.availableReplicas}=3', '--timeout=60s');
    assert.match(await ok('set', 'image', 'deploy/api', 'main=shop:2'), /image updated/);
    await ok('rollout', 'status', 'deploy/api', '--timeout=60s');
    const described = await ok('describe', 'deploy', 'api');
    assert.match(described, /Replicas: +3 desired \| 3 updated \| 3 total \| 3 available \| 0 unavailable/);
    assert.match(described, /Normal +ScalingReplicaSet .*Scaled up replica set api-\w+ from 0 to 2/);
    assert.match(await ok('get', 'pods'), /api-\w+-\w+ +1\/1 +Running/);
    assert.match(await ok('delete', 'deploy', 'api'), /"api" deleted/);
  });

  it('describes a custom resource with its events', async () => {
    await apply('six.yaml', widget('six'));
    const uid = await ok('get', 'wg', 'six', '-o', 'jsonpath={.metadata.uid}');
    const involvedObject = { apiVersion: 'test.maestro.io/v1', kind: 'Widget', name: 'six', namespace: 'default', uid };
    await apply('event.yaml', {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'six.1', namespace: 'default' },
      involvedObject,
      type: 'Warning',
      reason: 'Fenced',
      message: 'the old primary is fenced',
      source: { component: 'maestro-dr' },
      firstTimestamp: '2026-03-01T12:00:00Z',
      lastTimestamp: '2026-03-01T12:00:00Z',
      count: 1,
    });
    assert.match(await ok('describe', 'wg', 'six'), /Warning +Fenced +\S+ +maestro-dr +the old primary is fenced/);
  });

  it('makes and removes a namespace with a Secret, explains, and lists what there is', async () => {
    await apply('ns.yaml', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    await apply('secret.yaml', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db', namespace: 'shop' },
      stringData: { password: 'hunter2' },
    });
    assert.match(await ok('-n', 'shop', 'get', 'secrets'), /db +Opaque +1/);
    assert.match(await ok('delete', 'ns', 'shop'), /namespace "shop" deleted/);
    assert.match(await ok('explain', 'widget.spec'), /size\s+<integer> -required-/);
    assert.match(await ok('api-resources'), /widgets +wg +test.maestro.io\/v1 +true +Widget/);
    assert.match(await ok('version'), /Server Version: v1.35.4/);
    assert.doesNotMatch(JSON.stringify(made.audit), /hunter2/);
  });

  it('is refused without a token', async () => {
    const refused = await run('get', 'wg', '--token=wrong');
    assert.equal(refused.code, 1);
    assert.match(refused.err, /must be logged in|Unauthorized/);
  });
});
