import assert from 'node:assert/strict';
import { byHand } from '../../../../src/drivers/traffic/by-hand.ts';
import { EAST_REGION, RECORD, REGIONS, tokenOf, WEST_REGION } from '../../../contract/traffic-world.ts';

describe('a move by hand, as it is typed', () => {
  const bare = {
    regions: REGIONS,
    from: EAST_REGION,
    to: WEST_REGION,
    ttl: 30,
    served: { kind: 'Unclaimed' },
  } as const;

  it('quotes what a plan may say, where no CRD has looked at it', () => {
    const made = byHand({ ...bare, record: { ...RECORD, hostedZoneId: `Z1'; reboot; '` } }, tokenOf(2));
    const command = made.kind === 'Command' ? made.command : '';
    assert.ok(command.includes(`--hosted-zone-id 'Z1'\\''; reboot; '\\''' --change-batch '{`), command);
  });

  it('is none where the plan has no values, or of another plan`s too little is known', () => {
    const empty = byHand({ ...bare, record: { ...RECORD, values: {} } }, tokenOf(2));
    assert.match(empty.kind === 'None' ? empty.why : '', /no values for us-west-2/);
    const served = { kind: 'Foreign', identityHash: 'abc', epoch: 1 } as const;
    const theirs = byHand({ ...bare, record: RECORD, served, takeoverFrom: 'billing/checkout' }, tokenOf(2));
    assert.match(theirs.kind === 'None' ? theirs.why : '', /whose it is/);
  });
});
