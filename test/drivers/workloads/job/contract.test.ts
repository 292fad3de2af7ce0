import { jobSuite } from '../../../contract/job-suite.ts';
import { overModel, overWire } from '../../../contract/workload-world.ts';

jobSuite(overModel);
jobSuite(overWire);
