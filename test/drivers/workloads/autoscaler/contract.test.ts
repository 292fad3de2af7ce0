import { autoscalerSuite } from '../../../contract/autoscaler-suite.ts';
import { overModel, overWire } from '../../../contract/workload-sandbox.ts';

for (const subject of [overModel, overWire]) autoscalerSuite(subject);
