import type { Caller, Refusal } from '../../models/route53/shapes.ts';

/*
 * Who signed. The signature itself is not recomputed: the sandbox hands out its keys, and what the audit needs is the
 * access key's id and the region of the scope.
 */

export type Signed =
  { readonly kind: 'signed'; readonly caller: Caller } | { readonly kind: 'refused'; readonly refusal: Refusal };

const SCOPE =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=[^,\s]+, ?Signature=[0-9a-f]{64}$/;

export function readSignature(authorization: string | undefined): Signed {
  if (authorization === undefined) {
    return refuse('MissingAuthenticationToken', 'Missing Authentication Token');
  }
  const [, accessKeyId, , region, service] = SCOPE.exec(authorization) ?? [];
  if (accessKeyId === undefined || region === undefined || service === undefined) {
    return refuse('IncompleteSignature', 'The Authorization header is not a Signature Version 4 header.');
  }
  if (service !== 'route53') {
    return refuse('SignatureDoesNotMatch', `Credential should be scoped to correct service: 'route53'.`);
  }
  // Route 53 is signed for us-east-1 wherever it is called from.
  if (region !== 'us-east-1') return refuse('SignatureDoesNotMatch', 'Credential should be scoped to a valid region.');
  return { kind: 'signed', caller: { region, accessKeyId } };
}

function refuse(code: string, message: string): Signed {
  return { kind: 'refused', refusal: { code, messages: [message], status: 403, shape: 'typed' } };
}
