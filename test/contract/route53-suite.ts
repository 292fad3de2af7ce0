import assert from 'node:assert/strict';
import { AwsError } from '../../src/ports/aws.ts';
import { batchSuite } from './route53/batch.ts';
import { faultsSuite } from './route53/faults.ts';
import { route53Harness } from './route53/harness.ts';
import type { Route53Subject } from './route53/harness.ts';
import { listingSuite } from './route53/listing.ts';
import { operationsSuite } from './route53/operations.ts';
import { weightedSuite } from './route53/weighted.ts';
import * as w from './route53-world.ts';

/** One suite for everything that speaks Route 53 through the Aws port: what one refuses the others refuse alike. */
export function route53Suite(subject: Route53Subject): void {
  describe(`Route 53 (${subject.name})`, () => {
    const route53 = route53Harness(subject);
    const { change, running } = route53;

    beforeEach(async () => route53.start());
    afterEach(async () => route53.close());

    operationsSuite(route53);
    batchSuite(route53);
    weightedSuite(route53);
    listingSuite(route53);
    faultsSuite(route53);

    it('witnesses who asked for what', async () => {
      await change(w.SHIFT);
      await change(w.SHIFT).catch((error: unknown) => assert.ok(error instanceof AwsError));
      const [taken, refused] = running().audit;
      assert.equal(taken?.verdict, 'accepted');
      assert.deepEqual(taken.caller, { region: 'us-east-1', accessKeyId: 'AKIASANDBOX' });
      assert.equal(taken.zoneId, w.ZONE);
      assert.deepEqual(taken.changes, w.SHIFT);
      assert.match(taken.changeId ?? '', /^\/change\/C/);
      assert.equal(refused?.verdict, 'refused');
      assert.equal(refused.code, 'InvalidChangeBatch');
    });
  });
}
