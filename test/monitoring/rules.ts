import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[];
}

export const monitoringFolder = new URL('../../deploy/monitoring/', import.meta.url);

export function readMonitoring(name: string): string {
  return readFileSync(new URL(name, monitoringFolder), 'utf8');
}

/** The rule file that the PrometheusRule holds. */
export function ruleFile(): RuleFile {
  const object = parse(readMonitoring('prometheusrule.yaml')) as { readonly spec: RuleFile };
  return object.spec;
}

export function alertRules(): readonly AlertRule[] {
  return ruleFile().groups.flatMap(({ rules }) => rules);
}
