import { overModel, overWire } from '../../../contract/traffic-subjects.ts';
import { trafficSuite } from '../../../contract/traffic-suite.ts';

trafficSuite(overModel);
trafficSuite(overWire);
