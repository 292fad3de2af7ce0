import { ordered, withPods } from '../../../contract/scaled-suite.ts';
import { statefulSet } from '../../../contract/workload-kinds.ts';
import { workloadSuite } from '../../../contract/workload-suite.ts';
import { overModel, overWire } from '../../../contract/workload-sandbox.ts';

for (const subject of [overModel, overWire]) workloadSuite(statefulSet, subject, withPods, ordered);
