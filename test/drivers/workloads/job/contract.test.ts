import { jobSuite } from '../../../contract/job-suite.ts';
import { overModel, overWire } from '../../../contract/workload-sandbox.ts';

jobSuite(overModel);
jobSuite(overWire);
