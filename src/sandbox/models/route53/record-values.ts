import { canonicalName } from './names.ts';
import type { RecordSet } from './shapes.ts';

/** What is wrong with a record set's values, in Route 53's words; none for an alias. */
export function valueProblems(set: RecordSet): readonly string[] {
  const values = (set.ResourceRecords ?? []).map(({ Value }) => Value);
  const problems = values.flatMap((value) => {
    const problem = problemOf(set.Type, value);
    return problem === undefined
      ? []
      : [`Invalid Resource Record: 'FATAL problem: ${problem} encountered with '${value}''`];
  });
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) problems.push(`Duplicate Resource Record: '${twice}'`);
  if (set.Type === 'CNAME' && values.length > 1) {
    problems.push(
      `RRSet of type CNAME with DNS name ${set.Name} may hold one resource record only, ${values.length} were given`,
    );
  }
  if (values.length > 400) problems.push('Cannot have more than 400 records in a RRSet.');
  return problems;
}

function problemOf(type: RecordSet['Type'], value: string): string | undefined {
  switch (type) {
    case 'A':
      return isIPv4(value) ? undefined : 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)';
    case 'AAAA':
      return isIPv6(value) ? undefined : 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)';
    case 'CNAME':
    case 'NS':
      if (value.includes(' ')) return 'RDATANotSingleField (Value contains spaces)';
      return canonicalName(value) === undefined ? 'DomainNameEmpty (Value is not a valid domain name)' : undefined;
    case 'TXT':
      return textProblem(value);
    case 'SOA':
      return value.split(' ').length === 7 ? undefined : 'SOARRDATAWrongFieldCount (Value must have seven fields)';
  }
}

function textProblem(value: string): string | undefined {
  const strings = characterStrings(value);
  if (strings === undefined) return 'InvalidCharacterString (Value should be enclosed in quotation marks)';
  return strings.some((text) => text.length > 255) ? 'CharacterStringTooLong (Value is too long)' : undefined;
}

/** The strings of a TXT value, `"one" "two"`, unescaped; undefined where it is not quoted well. */
export function characterStrings(value: string): readonly string[] | undefined {
  if (!/^"(?:[^"\\]|\\.)*"(?:\s+"(?:[^"\\]|\\.)*")*$/.test(value.trim())) return undefined;
  return [...value.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, inner = '']) =>
    inner
      .replace(/\\([0-3][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
      .replace(/\\(.)/g, '$1'),
  );
}

function isIPv4(value: string): boolean {
  const parts = value.split('.');
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

function isIPv6(value: string): boolean {
  if (!/^[0-9a-fA-F:.]+$/.test(value) || value.split('::').length > 2) return false;
  const [head = '', tail] = value.split('::');
  const groups = (text: string | undefined): readonly string[] =>
    text === undefined || text === '' ? [] : text.split(':');
  const all = [...groups(head), ...groups(tail)];
  const last = all.at(-1);
  const embedded = last?.includes('.') === true;
  if (embedded && !isIPv4(last)) return false;
  const plain = embedded ? all.slice(0, -1) : all;
  const count = plain.length + (embedded ? 2 : 0);
  return plain.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) && (tail === undefined ? count === 8 : count < 8);
}
