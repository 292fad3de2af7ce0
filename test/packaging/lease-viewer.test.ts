import assert from 'node:assert/strict';
import { lookForLeases } from '../../src/cli/operator-leases.ts';
import { createKubeClient } from '../../src/kube/client.ts';
import { createLimiter } from '../../src/kube/limiter.ts';
import { personToken } from '../scenarios/names.ts';
import { createStage, type Stage } from '../scenarios/stage.ts';
import { answering } from '../support/scripted-http.ts';
import { createVirtualTime } from '../support/virtual-clock.ts';
import { operatorView, type OperatorView } from '../../src/view/operator.ts';
import { allows, rulesOf } from './rbac.ts';
import { charted } from './rendered.ts';

const person = 'system:serviceaccount:payments:ana';

/** The chart's role, bound to a person everywhere, or in the namespace of the plans alone. */
async function granted(role: string, namespace?: string) {
  const kind = namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding';
  const binding = {
    kind,
    metadata: { name: 'ana', ...(namespace === undefined ? {} : { namespace }) },
    roleRef: { kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', namespace: 'payments', name: 'ana' }],
  };
  return rulesOf([...(await charted()), binding]).filter(({ subject }) => subject === person);
}

/** What a person with these rights sees of the operator of a scenario, by the API server's model. */
async function seen(stage: Stage): Promise<OperatorView> {
  const clock = createVirtualTime().machine();
  const http = answering(({ method, url, headers }) => {
    const { pathname, search } = new URL(url);
    const answer = stage.world.management.handle({ method, path: `${pathname}${search}`, headers });
    if (!('body' in answer)) throw new Error('nobody watches');
    const date = new Date(stage.now()).toUTCString();
    const body = (async function* () {
      yield new TextEncoder().encode(answer.body);
    })();
    return { status: answer.status, headers: { ...answer.headers, date }, body };
  });
  const client = createKubeClient({
    ports: { clock, http, files: { read: async () => '' } },
    access: () => ({ server: 'https://management', tls: {}, token: personToken }),
    cluster: 'management',
    limiter: createLimiter(clock, { ratePerSecond: 100, burst: 100, maxInFlight: 10 }),
    impersonate: person,
  });
  return operatorView(await lookForLeases({ client, namespace: 'payments' }), 'runbook');
}

async function staged(rules: Awaited<ReturnType<typeof granted>>): Promise<Stage> {
  const stage = createStage({
    timeline: false,
    authorize: () => (asked) => (asked.user !== person || rules.some((rule) => allows(rule, asked)) ? undefined : ''),
  });
  await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
  return stage;
}

describe('the right to see whether the operator lives', () => {
  for (const role of ['viewer', 'editor', 'approver', 'lease-viewer']) {
    it(`is with maestro-dr-${role} where that is bound in the cluster`, async () => {
      const stage = await staged(await granted(`maestro-dr-${role}`));
      assert.equal((await seen(stage)).state, 'Leading');
    });
  }

  it('shows an operator that falls silent, and comes back, by the Lease that it wrote itself', async () => {
    const stage = await staged(await granted('maestro-dr-lease-viewer'));
    stage.kernel.suspend('operator', 60_000);
    await stage.pass(20_000);
    const silent = await seen(stage);
    assert.equal(silent.state, 'Absent');
    assert.deepEqual(silent.commands, ['kubectl get pods -n maestro-dr-system', 'runbook']);
    await stage.pass(60_000);
    assert.equal((await seen(stage)).state, 'Leading');
  });

  it('is not with a role that is bound in the namespace of the plans', async () => {
    const { state, why } = await seen(await staged(await granted('maestro-dr-approver', 'payments')));
    assert.equal(state, 'Unknown');
    assert.match(why ?? '', /you may not list Leases/);
  });
});
