import { isRecord, recordAt, stringAt, numberAt } from '../kube/json.ts';
import { parseConditions, renderConditions } from './conditions.ts';
import type { RegionStatus } from './region-status.ts';

/** A Region's status as it stands; what is not there, or not readable, is as if it had never been written. */
export function parseRegionStatus(object: Readonly<Record<string, unknown>>): RegionStatus {
  const status = isRecord(object.status) ? object.status : recordAt({}, 'status');
  const clusterUid = stringAt(status, 'clusterUID');
  return {
    observedGeneration: numberAt(status, 'observedGeneration') ?? -1,
    conditions: parseConditions(status.conditions),
    ...(clusterUid === undefined || clusterUid === '' ? {} : { clusterUid }),
  };
}

export function renderRegionStatus(status: RegionStatus): Readonly<Record<string, unknown>> {
  return {
    observedGeneration: status.observedGeneration,
    conditions: renderConditions(status.conditions),
    ...(status.clusterUid === undefined ? {} : { clusterUID: status.clusterUid }),
  };
}
