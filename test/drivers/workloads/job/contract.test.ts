import { jobSuite } from '../../../contract/workload-suite.ts';
import { overModel, overWire } from '../../../contract/workload-world.ts';

jobSuite(overModel);
jobSuite(overWire);
