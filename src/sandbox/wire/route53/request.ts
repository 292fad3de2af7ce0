import { parseXml } from './xml.ts';
import type { XmlElement } from './xml.ts';

/*
 * From an HTTP request to the operation it asks for, in the SDK's spelling. A request that the sandbox does not know
 * is never guessed at.
 */

export type ReadRequest =
  | { readonly kind: 'call'; readonly operation: string; readonly input: Readonly<Record<string, unknown>> }
  | { readonly kind: 'malformed'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

const VERSION = '2013-04-01';
const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/';

export function readRequest(method: string, target: string, body: string): ReadRequest {
  const url = new URL(target, 'http://route53.invalid');
  const [version, resource, id, sub, ...more] = url.pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const unknown: ReadRequest = { kind: 'unknown', why: `${method} ${url.pathname}` };
  if (version !== VERSION || id === undefined || more.length > 0) return unknown;
  if (resource === 'hostedzone' && sub === 'rrset') {
    if (method === 'POST') return readChange(id, body);
    return method === 'GET' ? readList(id, url.searchParams) : unknown;
  }
  if (method !== 'GET' || sub !== undefined) return unknown;
  if (resource === 'hostedzone') return { kind: 'call', operation: 'GetHostedZone', input: { Id: id } };
  return resource === 'change' ? { kind: 'call', operation: 'GetChange', input: { Id: id } } : unknown;
}

const QUERY: Readonly<Record<string, string>> = {
  name: 'StartRecordName',
  type: 'StartRecordType',
  identifier: 'StartRecordIdentifier',
  maxitems: 'MaxItems',
};

function readList(zoneId: string, query: URLSearchParams): ReadRequest {
  const input: Record<string, unknown> = { HostedZoneId: zoneId };
  for (const [name, value] of query) {
    const field = QUERY[name];
    if (field === undefined) return { kind: 'unknown', why: `the query parameter ${name} of ListResourceRecordSets` };
    input[field] = field === 'MaxItems' ? Number(value) : value;
  }
  return { kind: 'call', operation: 'ListResourceRecordSets', input };
}

function readChange(zoneId: string, body: string): ReadRequest {
  try {
    if (!body.includes(NAMESPACE)) throw new SyntaxError(`the document is not in the namespace ${NAMESPACE}`);
    const root = expectName(parseXml(body), 'ChangeResourceRecordSetsRequest');
    const fields = readFields(root, { ChangeBatch: readBatch });
    return { kind: 'call', operation: 'ChangeResourceRecordSets', input: { HostedZoneId: zoneId, ...fields } };
  } catch (error) {
    if (error instanceof UnknownElement) return { kind: 'unknown', why: error.message };
    if (error instanceof SyntaxError) return { kind: 'malformed', why: error.message };
    throw error;
  }
}

class UnknownElement extends Error {}

type Reader = (element: XmlElement) => unknown;

const text: Reader = (element) => element.text;
const number: Reader = (element) => {
  if (!/^-?\d+$/.test(element.text)) throw new SyntaxError(`<${element.name}> is not a whole number: ${element.text}`);
  return Number(element.text);
};
const boolean: Reader = (element) => {
  if (element.text !== 'true' && element.text !== 'false') {
    throw new SyntaxError(`<${element.name}> is neither true nor false: ${element.text}`);
  }
  return element.text === 'true';
};
const list =
  (member: string, read: Reader): Reader =>
  (element) =>
    element.children.map((child) => read(expectName(child, member)));

const readValue: Reader = (element) => readFields(element, { Value: text });
const readAlias: Reader = (element) =>
  readFields(element, { HostedZoneId: text, DNSName: text, EvaluateTargetHealth: boolean });
const readSet: Reader = (element) =>
  readFields(element, {
    Name: text,
    Type: text,
    SetIdentifier: text,
    Weight: number,
    TTL: number,
    ResourceRecords: list('ResourceRecord', readValue),
    AliasTarget: readAlias,
    HealthCheckId: text,
  });
const readOneChange: Reader = (element) => readFields(element, { Action: text, ResourceRecordSet: readSet });
const readBatch: Reader = (element) => readFields(element, { Comment: text, Changes: list('Change', readOneChange) });

function expectName(element: XmlElement, name: string): XmlElement {
  if (element.name !== name) throw new SyntaxError(`<${name}> was expected where <${element.name}> stands`);
  return element;
}

function readFields(element: XmlElement, readers: Readonly<Record<string, Reader>>): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  for (const child of element.children) {
    const read = readers[child.name];
    if (read === undefined) throw new UnknownElement(`<${child.name}> in <${element.name}>`);
    if (child.name in fields) throw new SyntaxError(`<${child.name}> occurs twice in <${element.name}>`);
    fields[child.name] = read(child);
  }
  return fields;
}
