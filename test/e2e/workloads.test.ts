import { autoscalerSuite } from '../contract/autoscaler-suite.ts';
import { jobSuite } from '../contract/job-suite.ts';
import { assertCells } from '../contract/matrix.ts';
import { ordered, withPods } from '../contract/scaled-suite.ts';
import { withJobs } from '../contract/scheduled-suite.ts';
import { cronJob, deployment, statefulSet } from '../contract/workload-kinds.ts';
import { workloadSuite } from '../contract/workload-suite.ts';
import { startLoneCluster, type LoneCluster } from './world/lone-cluster.ts';
import { overReal } from './world/real-workloads.ts';

/** The family's contract as `make test` holds the sandbox to it, every test of it. */
describe('the workloads’ contract on a real API server', function () {
  this.timeout(120_000);

  let lone: LoneCluster | undefined;
  before(async () => {
    lone = await startLoneCluster('region');
  });
  after(async () => {
    await lone?.end();
    assertCells('make e2e');
  });

  const subject = overReal(() => {
    if (lone === undefined) throw new Error('the cluster has not been started');
    return lone;
  });
  workloadSuite(deployment, subject, withPods);
  workloadSuite(statefulSet, subject, withPods, ordered);
  workloadSuite(cronJob, subject, withJobs);
  jobSuite(subject);
  autoscalerSuite(subject);
});
