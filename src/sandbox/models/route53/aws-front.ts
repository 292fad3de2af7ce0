import { AwsError } from '../../../ports/aws.ts';
import type { AwsRequest } from '../../../ports/aws.ts';
import type { Delivery } from './delivery.ts';
import type { Route53Model } from './model.ts';
import { typedMessage } from './refusals.ts';
import type { Refusal } from './shapes.ts';

const OPERATIONS = ['ChangeResourceRecordSets', 'ListResourceRecordSets', 'GetChange', 'GetHostedZone'];

/**
 * The Aws port over the model, throwing what the real port throws on the wire (src/system/aws.ts): the contract suite
 * holds the two together. The effect happens inside the call, without latency, which is the simulation's to add.
 */
export function route53Aws(
  model: Route53Model,
  accessKeyId = 'AKIASANDBOX',
): (request: AwsRequest) => Promise<Record<string, unknown>> {
  return async ({ service, operation, input }) => {
    if (service !== 'route53') throw new AwsError('UnknownService', `no client for the service ${service}`, 0, false);
    if (!OPERATIONS.includes(operation)) {
      throw new AwsError('UnknownOperation', `no command for route53 ${operation}`, 0, false);
    }
    return received(model.deliver({ operation, input, caller: { region: 'us-east-1', accessKeyId } }));
  };
}

function received(delivery: Delivery): Record<string, unknown> {
  switch (delivery.kind) {
    case 'replied':
      if (delivery.reply.kind === 'refused') throw refusalError(delivery.reply.refusal);
      return { ...delivery.reply.output };
    case 'cut':
      throw new AwsError('CutBody', 'the answer broke off before its end', 200, true);
    case 'html-503':
      throw new AwsError('Unknown', 'an answer that is not Route 53’s (HTTP 503)', 503, true);
    case 'dropped':
      throw new AwsError('Unreachable', 'the connection broke before an answer came', 0, true);
    case 'silent':
      throw new AwsError('Timeout', 'no answer came', 0, true);
  }
}

function refusalError(refusal: Refusal): AwsError {
  const message = refusal.shape === 'typed' ? typedMessage(refusal) : refusal.messages.join(', ');
  return new AwsError(refusal.code, message, refusal.status, refusal.status >= 500);
}
