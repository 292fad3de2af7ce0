import { deploymentSuite } from '../../../contract/workload-suite.ts';
import { overModel, overWire } from '../../../contract/workload-world.ts';

deploymentSuite(overModel);
deploymentSuite(overWire);
