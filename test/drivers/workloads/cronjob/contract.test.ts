import { withJobs } from '../../../contract/scheduled-suite.ts';
import { cronJob } from '../../../contract/workload-kinds.ts';
import { workloadSuite } from '../../../contract/workload-suite.ts';
import { overModel, overWire } from '../../../contract/workload-sandbox.ts';

for (const subject of [overModel, overWire]) workloadSuite(cronJob, subject, withJobs);
