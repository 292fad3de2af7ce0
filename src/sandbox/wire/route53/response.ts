import { typedMessage } from '../../models/route53/refusals.ts';
import type { Output, Refusal } from '../../models/route53/shapes.ts';
import { escapeXml } from './xml.ts';

const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/';
const DECLARATION = '<?xml version="1.0"?>\n';

/** The name of a list's members. */
const MEMBERS: Readonly<Record<string, string>> = {
  ResourceRecordSets: 'ResourceRecordSet',
  ResourceRecords: 'ResourceRecord',
  NameServers: 'NameServer',
  VPCs: 'VPC',
};

export function renderOutput(operation: string, output: Output): string {
  return `${DECLARATION}<${operation}Response xmlns="${NAMESPACE}">${renderFields(output)}</${operation}Response>`;
}

function renderFields(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]: [string, unknown]) => `<${name}>${renderValue(name, value)}</${name}>`)
    .join('');
}

function renderValue(name: string, value: unknown): string {
  if (Array.isArray(value)) {
    const member = MEMBERS[name] ?? 'member';
    return value.map((item: unknown) => `<${member}>${renderValue(member, item)}</${member}>`).join('');
  }
  if (typeof value === 'object' && value !== null) return renderFields(value);
  // The model's times are ms since the epoch; the wire has ISO 8601.
  if (name === 'SubmittedAt' && typeof value === 'number') return new Date(value).toISOString();
  return escapeXml(String(value));
}

/** Both shapes of an error, as Route 53 sends them. */
export function renderRefusal(refusal: Refusal, requestId: string): string {
  if (refusal.shape === 'messages') {
    const messages = refusal.messages.map((message) => `<Message>${escapeXml(message)}</Message>`).join('');
    return `${DECLARATION}<${refusal.code} xmlns="${NAMESPACE}"><Messages>${messages}</Messages><RequestId>${requestId}</RequestId></${refusal.code}>`;
  }
  const type = refusal.status >= 500 ? 'Receiver' : 'Sender';
  const error = `<Type>${type}</Type><Code>${refusal.code}</Code><Message>${escapeXml(typedMessage(refusal))}</Message>`;
  return `${DECLARATION}<ErrorResponse xmlns="${NAMESPACE}"><Error>${error}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
}

export const HTML_503 =
  '<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body><center><h1>503 Service Temporarily Unavailable</h1></center></body>\r\n</html>\r\n';
