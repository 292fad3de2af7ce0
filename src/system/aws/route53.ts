import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import type {
  ChangeResourceRecordSetsCommandInput,
  GetChangeCommandInput,
  GetHostedZoneCommandInput,
  ListResourceRecordSetsCommandInput,
  Route53ClientConfig,
} from '@aws-sdk/client-route-53';
import { AwsError } from '../../ports/aws.ts';

/** Route 53 has one region, whatever the plan's: a client of another signs for it and is refused. */
export const ROUTE53_REGION = 'us-east-1';

type Input = Readonly<Record<string, unknown>>;

/** `answer`: the member without which an answer is no answer; the SDK takes an empty 200 for a success. */
export interface Operation {
  readonly answer: string;
  readonly send: (input: Input, abortSignal: AbortSignal) => Promise<object>;
}

export interface ServiceClient {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly destroy: () => void;
}

/** @throws AwsError `InvalidRequest` where a member is missing that the SDK could not even build a request without. */
function asInput<T extends object>(input: object, required: readonly (keyof T & string)[]): T {
  if (hasMembers<T>(input, required)) return input;
  throw new AwsError('InvalidRequest', `the request needs ${required.join(' and ')}`, 0, false);
}

function hasMembers<T extends object>(input: object, required: readonly (keyof T & string)[]): input is T {
  const given: Input = { ...input };
  return required.every((name) => given[name] !== undefined);
}

export function route53Client(config: Route53ClientConfig): ServiceClient {
  const client = new Route53Client({ ...config, region: ROUTE53_REGION });
  return {
    operations: {
      ChangeResourceRecordSets: {
        answer: 'ChangeInfo',
        send: async (input, abortSignal) =>
          client.send(
            new ChangeResourceRecordSetsCommand(
              asInput<ChangeResourceRecordSetsCommandInput>(input, ['HostedZoneId', 'ChangeBatch']),
            ),
            {
              abortSignal,
            },
          ),
      },
      ListResourceRecordSets: {
        answer: 'ResourceRecordSets',
        send: async (input, abortSignal) =>
          client.send(
            new ListResourceRecordSetsCommand(asInput<ListResourceRecordSetsCommandInput>(input, ['HostedZoneId'])),
            { abortSignal },
          ),
      },
      GetChange: {
        answer: 'ChangeInfo',
        send: async (input, abortSignal) =>
          client.send(new GetChangeCommand(asInput<GetChangeCommandInput>(input, ['Id'])), { abortSignal }),
      },
      GetHostedZone: {
        answer: 'HostedZone',
        send: async (input, abortSignal) =>
          client.send(new GetHostedZoneCommand(asInput<GetHostedZoneCommandInput>(input, ['Id'])), { abortSignal }),
      },
    },
    destroy: () => client.destroy(),
  };
}
