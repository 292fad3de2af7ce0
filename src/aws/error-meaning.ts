import type { UnknownWhy } from '../api/fact.ts';
import type { ApplyResult } from '../drivers/outcome.ts';
import { AwsError } from '../ports/aws.ts';
import { PortError } from '../ports/port-error.ts';

const DETAIL_LENGTH = 300;

export interface Meaning {
  readonly why: UnknownWhy;
  readonly detail: string;
}

/** Why a read brought nothing. Anything but a port's failure is a defect, and passes unchanged. */
export function unknownFromAws(error: unknown): Meaning {
  if (error instanceof PortError) return { why: error.why, detail: short(error.message) };
  if (error instanceof AwsError) return { why: whyOf(error), detail: `${error.code}: ${short(error.message)}` };
  throw defect(error);
}

/** What one attempt at a mutation brought. A deadline that passed says nothing about the effect. */
export function resultFromAws(error: unknown): ApplyResult {
  if (error instanceof PortError) return { kind: 'OutcomeUnknown', detail: short(error.message) };
  if (!(error instanceof AwsError)) throw defect(error);
  const text = short(error.message);
  if (error.ambiguous) return { kind: 'OutcomeUnknown', detail: `${error.code}: ${text}` };
  return { kind: 'Refused', code: error.code, message: text };
}

const FORBIDDEN = /^(AccessDenied|InvalidClientTokenId|SignatureDoesNotMatch|CredentialsProviderError|ExpiredToken)/;
const THROTTLED = /^(Throttl|PriorRequestNotComplete|RequestLimitExceeded|TooManyRequests)/;

function whyOf({ code, status }: AwsError): UnknownWhy {
  if (code === 'Timeout') return 'Timeout';
  if (THROTTLED.test(code) || status === 429) return 'Throttled';
  if (FORBIDDEN.test(code) || status === 401 || status === 403) return 'Forbidden';
  if (code === 'Unreachable' || code === 'CutBody' || status >= 500) return 'Unreachable';
  return 'Malformed';
}

function defect(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function short(text: string): string {
  return text.length > DETAIL_LENGTH ? `${text.slice(0, DETAIL_LENGTH)}…` : text;
}
