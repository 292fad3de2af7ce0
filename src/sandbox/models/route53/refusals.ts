import type { Refusal } from './shapes.ts';

/*
 * Texts as Route 53 words them, gathered from its public error reports. Drivers must not decide by them (they read
 * again instead), yet people get them quoted, so they should look like the real ones.
 */

const typed = (code: string, status: number, message: string): Refusal => ({
  code,
  messages: [message],
  status,
  shape: 'typed',
});

export const refusals = {
  invalidInput: (message: string) => typed('InvalidInput', 400, message),
  noSuchHostedZone: (id: string) => typed('NoSuchHostedZone', 404, `No hosted zone found with ID: ${id}`),
  noSuchChange: (id: string) => typed('NoSuchChange', 404, `Could not find resource with ID: ${id}`),
  throttling: () => typed('Throttling', 400, 'Rate exceeded'),
  priorRequest: () =>
    typed(
      'PriorRequestNotComplete',
      400,
      'The request was rejected because Route 53 was still processing a prior request.',
    ),
  serviceUnavailable: () => typed('ServiceUnavailable', 503, 'Service Unavailable'),
  internalFailure: () => typed('InternalFailure', 500, 'We encountered an internal error. Please try again.'),
  accessDenied: (operation: string, resource: string) =>
    typed(
      'AccessDenied',
      403,
      `User: arn:aws:iam::000000000000:user/sandbox is not authorized to perform: route53:${operation} on resource: arn:aws:route53:::${resource}`,
    ),
  /** Not Route 53's: the sandbox says so loudly instead of pretending. */
  notModelled: (what: string) => typed('NotModelled', 501, `the sandbox's Route 53 does not model ${what}`),
} satisfies Record<string, (...args: never[]) => Refusal>;

/** As the service writes it into the one `<Message>` of a typed error. */
export function typedMessage(refusal: Refusal): string {
  return refusal.code === 'InvalidChangeBatch' ? `[${refusal.messages.join(', ')}]` : refusal.messages.join(', ');
}
