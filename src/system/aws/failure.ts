import { AwsError } from '../../ports/aws.ts';

/** Errors of resolving and connecting: nothing was sent, so nothing can have happened. */
const BEFORE_SENDING = ['connect', 'getaddrinfo'];

/**
 * What an SDK's rejection means. The service's own code is `Code`, else the class's name; the second shape of Route
 * 53's InvalidChangeBatch has neither and is known by its `Messages`; a proxy's page is `Unknown`.
 */
export function awsFailure(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  const fields = asFields(error);
  const status = statusOf(fields);
  if (status === 0) return withoutAnswer(fields);
  if (status < 300) {
    return new AwsError('CutBody', `HTTP ${status} whose body broke off: ${textOf(fields)}`, status, true);
  }
  const messages = batchMessages(fields);
  if (messages !== undefined) return new AwsError('InvalidChangeBatch', messages.join(', '), status, status >= 500);
  return new AwsError(codeOf(fields), messageOf(fields, status), status, status >= 500);
}

type Fields = Readonly<Record<string, unknown>>;

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function statusOf(fields: Fields): number {
  const status = asFields(fields.$metadata).httpStatusCode ?? asFields(fields.$response).statusCode;
  return typeof status === 'number' ? status : 0;
}

function withoutAnswer(fields: Fields): AwsError {
  const text = textOf(fields);
  if (fields.code === 'ETIMEDOUT' && fields.syscall === undefined) return new AwsError('Timeout', text, 0, true);
  if (fields.name === 'CredentialsProviderError') return new AwsError('CredentialsProviderError', text, 0, false);
  const unsent = typeof fields.syscall === 'string' && BEFORE_SENDING.includes(fields.syscall);
  // Without an errno the SDK refused the input itself, before any socket was asked for.
  if (fields.code === undefined) return new AwsError('InvalidRequest', text, 0, false);
  return new AwsError('Unreachable', text, 0, !unsent);
}

function codeOf(fields: Fields): string {
  if (typeof fields.Code === 'string') return fields.Code;
  const name = fields.name;
  return typeof name === 'string' && name !== 'Error' && name !== 'SyntaxError' ? name : 'Unknown';
}

function messageOf(fields: Fields, status: number): string {
  const known = typeof fields.Code === 'string' ? textOf(fields) : 'UnknownError';
  return known === 'UnknownError' || known === '' ? `HTTP ${status} without an error of the service` : known;
}

/** `e.message`, first line: the SDK appends advice for programmers. */
function textOf(fields: Fields): string {
  const message = fields.message;
  const code = typeof fields.code === 'string' ? fields.code : 'no answer';
  return typeof message === 'string' && message !== '' ? (message.split('\n')[0] ?? '') : code;
}

/** `<InvalidChangeBatch><Messages><Message>…`: one message is parsed as a string, several as an array. */
function batchMessages(fields: Fields): readonly string[] | undefined {
  const found = asFields(fields.Messages).Message;
  if (typeof found === 'string') return [found];
  if (Array.isArray(found)) return found.map(String);
  const typed: unknown = fields.messages;
  return Array.isArray(typed) && typed.length > 0 ? typed.map(String) : undefined;
}
