import assert from 'node:assert/strict';

/** What `aws route53 change-resource-record-sets` would send, read off a command as a status prints it. */
export function changeInput(command: string | undefined): Readonly<Record<string, unknown>> {
  const shape = /^aws route53 change-resource-record-sets --hosted-zone-id (\w+) --change-batch '([^']*)'$/;
  const [, zone, batch] = shape.exec(command ?? '') ?? assert.fail(`no such command: ${command ?? 'none'}`);
  return { HostedZoneId: zone, ChangeBatch: JSON.parse(batch ?? '') as unknown };
}
