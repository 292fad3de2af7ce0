import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultConfig } from '../../src/config.ts';
import { readSettings } from '../../src/settings.ts';
import { ROOT } from '../../scripts/build.ts';
import { version } from '../../src/version.ts';
import { at, isMap } from '../crds/crds.ts';
import type { Wire } from '../crds/objects.ts';
import { chart, charted, helm, kindOf, kustomized, only, operatorNamespace, titleOf, yamlObjects } from './rendered.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const template = (...set: readonly string[]): ReturnType<typeof helm> =>
  helm('template', 'maestro-dr', chart, '-n', operatorNamespace, ...set.flatMap((value) => ['--set', value]));

function container(deployment: Wire): Wire {
  const containers = at(deployment, 'spec', 'template', 'spec', 'containers');
  const one: unknown = Array.isArray(containers) ? containers.at(0) : undefined;
  assert.ok(isMap(one));
  return one;
}

/** Name -> value, those given by reference left out. */
function environment(deployment: Wire): Readonly<Record<string, string>> {
  const { env } = container(deployment) as {
    readonly env: readonly { readonly name: string; readonly value?: string }[];
  };
  return Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const])));
}

describe('the chart', function () {
  this.timeout(60_000);

  it('passes helm lint, strictly', async () => {
    const { status, out, err } = await helm('lint', '--strict', chart);
    assert.equal(status, 0, out + err);
    assert.match(out, /0 chart\(s\) failed/);
  });

  it('is of the program’s version', () => {
    const [about] = yamlObjects(read('charts/maestro-dr/Chart.yaml'));
    assert.equal(at(about, 'appVersion'), version);
  });

  it('explains each of its values, and its schema knows each of them', () => {
    const text = read('charts/maestro-dr/values.yaml');
    const [values] = yamlObjects(text);
    const schema: unknown = JSON.parse(read('charts/maestro-dr/values.schema.json'));
    assert.ok(isMap(values));
    for (const [name, value] of Object.entries(values)) {
      const block = text.split('\n\n').find((one) => new RegExp(`^${name}:`, 'm').test(one));
      assert.match(block ?? '', /^ *# /m, `${name} has no comment`);
      const known = at(schema, 'properties', name);
      assert.ok(isMap(known), `${name} is not in values.schema.json`);
      if (!isMap(value) || known['additionalProperties'] !== false) continue;
      assert.deepEqual(Object.keys(value).sort(), Object.keys(at(known, 'properties') as Wire).sort(), name);
    }
  });

  it('refuses a value that it does not know, or that cannot be', async () => {
    for (const [set, wanted] of [
      ['replicas=3', /additional properties 'replicas' not allowed/],
      ['operator.logLevel=loud', /logLevel/],
      ['operator.lease=soon', /lease/],
      ['planNamespaces={Payments}', /planNamespaces/],
      ['image.repository=a:b:c', /repository/],
      ['metrics.port=80', /port/],
      ['operator.maxRuns=0', /maxRuns/],
    ] as const) {
      const { status, err } = await template(set);
      assert.notEqual(status, 0, set);
      assert.match(err, wanted, set);
    }
  });

  it('runs two replicas under restricted Pod security, and without rights on the node', async () => {
    const deployment = only(await charted(), 'Deployment');
    const pod = at(deployment, 'spec', 'template', 'spec');
    assert.equal(at(deployment, 'spec', 'replicas'), 2);
    assert.deepEqual(at(pod, 'securityContext'), {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    assert.deepEqual(at(container(deployment), 'securityContext'), {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    for (const field of ['hostNetwork', 'hostPID', 'hostIPC', 'volumes']) {
      assert.equal(at(pod, field), undefined, field);
    }
    const budget = only(await charted(), 'PodDisruptionBudget');
    assert.equal(at(budget, 'spec', 'minAvailable'), 1);
    assert.deepEqual(at(budget, 'spec', 'selector'), at(deployment, 'spec', 'selector'));
    const spread = at(pod, 'topologySpreadConstraints');
    assert.deepEqual(
      (Array.isArray(spread) ? spread : []).map((one: unknown) => at(one, 'topologyKey')),
      ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'],
    );
  });

  it('enforces restricted Pod security where kustomize makes the namespace', async () => {
    for (const folder of ['base', 'target/cluster']) {
      const labels = at(only(await kustomized(folder), 'Namespace', operatorNamespace), 'metadata', 'labels');
      assert.equal(at(labels, 'pod-security.kubernetes.io/enforce'), 'restricted', folder);
    }
  });

  it('sets only what the program reads, and its defaults are the program’s', async () => {
    const env = environment(only(await charted(), 'Deployment'));
    const settings = readSettings(env);
    assert.ok(settings.ok, JSON.stringify(settings));
    const { config, logLevel } = settings.value;
    assert.deepEqual(pick(config), pick(defaultConfig));
    assert.equal(env['MAESTRO_MAX_RUNS'], String(defaultConfig.maxRuns), 'told, not left out');
    assert.equal(logLevel, 'info');
    const known = [...read('src/settings.ts').matchAll(/\bMAESTRO_[A-Z_]+/g)].map(([name]) => name);
    const full = environment(
      only(await charted('--set', 'operator.maxRuns=2,operator.dnsServers={ns1=1.2.3.4:53}'), 'Deployment'),
    );
    for (const name of Object.keys(full)) assert.ok(known.includes(name), `${name} is read by nobody`);
    assert.equal(full['MAESTRO_MAX_RUNS'], '2');
    assert.equal(full['MAESTRO_DNS_SERVERS'], 'ns1=1.2.3.4:53');
  });

  it('probes and scrapes one port, by name', async () => {
    const objects = await charted('--set', 'serviceMonitor.enabled=true,metrics.port=9090');
    const one = container(only(objects, 'Deployment'));
    assert.deepEqual(at(one, 'ports'), [{ name: 'metrics', containerPort: 9090, protocol: 'TCP' }]);
    assert.deepEqual(at(one, 'livenessProbe', 'httpGet'), { path: '/healthz', port: 'metrics' });
    assert.deepEqual(at(one, 'readinessProbe', 'httpGet'), { path: '/readyz', port: 'metrics' });
    assert.equal(environment(only(objects, 'Deployment'))['MAESTRO_METRICS_ADDRESS'], ':9090');
    const service = only(objects, 'Service');
    assert.deepEqual(
      at(service, 'spec', 'selector'),
      at(only(objects, 'Deployment'), 'spec', 'selector', 'matchLabels'),
    );
    const labels = at(service, 'metadata', 'labels');
    const wanted = at(only(objects, 'ServiceMonitor'), 'spec', 'selector', 'matchLabels');
    for (const [key, value] of Object.entries(isMap(wanted) ? wanted : {})) assert.equal(at(labels, key), value);
  });

  it('closes the network but for the scrapers, and for the ports that it goes to', async () => {
    const policy = only(await charted(), 'NetworkPolicy');
    assert.deepEqual(at(policy, 'spec', 'policyTypes'), ['Ingress', 'Egress']);
    assert.deepEqual(at(policy, 'spec', 'ingress'), [
      { ports: [{ port: 'metrics', protocol: 'TCP' }], from: [{ namespaceSelector: {} }] },
    ]);
    const egress = JSON.stringify(at(policy, 'spec', 'egress'));
    for (const port of [53, 443, 5432, 6443]) assert.ok(egress.includes(`{"port":${String(port)},`), String(port));
  });

  it('gives people roles without any status, and approving apart from editing', async () => {
    const objects = await charted();
    const rights = (role: string): readonly string[] =>
      (at(only(objects, 'ClusterRole', `maestro-dr-${role}`), 'rules') as readonly Wire[]).flatMap(
        ({ resources, verbs }) =>
          (resources as readonly string[]).flatMap((one) =>
            (verbs as readonly string[]).map((verb) => `${verb} ${one}`),
          ),
      );
    const writes = (role: string): readonly string[] =>
      rights(role).filter((right) => !/^(get|list|watch) /.test(right));
    assert.deepEqual(writes('viewer'), []);
    assert.deepEqual(
      writes('editor'),
      ['create', 'update', 'patch', 'delete'].map((verb) => `${verb} disasterrecoveryplans`),
    );
    assert.deepEqual(
      writes('approver'),
      ['create', 'update', 'patch'].map((verb) => `${verb} disasterrecoveryruns`),
    );
    for (const role of ['viewer', 'editor', 'approver']) assert.doesNotMatch(rights(role).join(), /status/);
    const bound = objects
      .filter((one) => kindOf(one).endsWith('Binding'))
      .map((one) => String(at(one, 'roleRef', 'name')));
    assert.deepEqual([...new Set(bound)], ['maestro-dr-operator'], 'nobody is bound to them');
  });

  it('lets people see whether the operator lives, by the name of its Lease and nothing else', async () => {
    const objects = await charted();
    const wanted = [
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: ['maestro-dr'], verbs: ['list'] },
    ];
    for (const role of ['viewer', 'editor', 'approver', 'lease-viewer']) {
      const rules = at(only(objects, 'ClusterRole', `maestro-dr-${role}`), 'rules') as readonly Wire[];
      assert.deepEqual(
        rules.filter(({ resources }) => JSON.stringify(resources).includes('leases')),
        wanted,
        role,
      );
      if (role === 'lease-viewer') assert.deepEqual(rules, wanted);
    }
  });

  it('lets no rule of any manifest be a wildcard', async () => {
    const all = [
      ...(await charted()),
      ...(await kustomized('target/cluster')),
      ...(await kustomized('target/namespace')),
    ];
    for (const object of all.filter((one) => kindOf(one).endsWith('Role'))) {
      assert.ok(!JSON.stringify(at(object, 'rules')).includes('"*"'), titleOf(object));
    }
  });

  it('says what to type next', async () => {
    const notes = async (...set: readonly string[]): Promise<string> => {
      const args = [
        'install',
        'dr',
        chart,
        '-n',
        'dr-system',
        '--dry-run=client',
        ...set.flatMap((one) => ['--set', one]),
      ];
      const { status, out, err } = await helm(...args);
      assert.equal(status, 0, err);
      return out.slice(out.indexOf('NOTES:'));
    };
    const first = await notes();
    const upgrade = /helm upgrade dr (\S+) -n dr-system --reuse-values --set 'planNamespaces=\{payments\}'/.exec(first);
    // As docs/installing.md has it, from a copy of this project: any other word is a repository that nobody has added.
    const folder = join(ROOT, upgrade?.[1] ?? 'not printed');
    assert.equal(at(yamlObjects(readFileSync(join(folder, 'Chart.yaml'), 'utf8'))[0], 'name'), 'maestro-dr');
    assert.equal(folder, chart);
    for (const [, path = ''] of first.matchAll(/\b((?:deploy|docs|charts)\/[\w./-]*\w)/g)) {
      assert.ok(existsSync(join(ROOT, path)), `${path} is printed and not there`);
    }
    assert.match(first, /kubectl rollout status deployment\/dr-maestro-dr -n dr-system/);
    assert.doesNotMatch(await notes('planNamespaces={payments}'), /may not read any plan/);
  });
});

function pick({ namespace, leaseMs, effectMs, lookMs, restMs, regionMs, maxRuns }: typeof defaultConfig): unknown {
  return { namespace, leaseMs, effectMs, lookMs, restMs, regionMs, maxRuns };
}
