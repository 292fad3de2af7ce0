import type { Channel, Contact } from './plan.ts';
import { optional, type Reader } from './reader.ts';

const kinds = ['slack', 'webhook'] as const;
/** Every other field of a contact. */
const own: readonly string[] = ['role', 'name'];

/** Where a Slack contact's Secret holds its URL, unless it says otherwise. */
const urlKey = 'url';

/** As people write it: one member per driver, or none. */
export function parseContact(contact: Reader): Contact {
  return {
    role: contact.text('role'),
    ...optional('name', contact.textOr('name')),
    ...optional('channel', parseChannel(contact)),
  };
}

function parseChannel(contact: Reader): Channel | undefined {
  const set = contact.keys().filter((key) => !own.includes(key));
  const strange = set.find((key) => !kinds.some((kind) => kind === key));
  if (strange !== undefined) {
    // A newer CRD's: whoever is to be reached by it would be told nothing.
    const remedy = `use ${kinds.join(' or ')}, or a newer operator`;
    contact.complain(strange, 'UnknownDriver: this operator does not know it', remedy);
    return undefined;
  }
  if (set.length > 1) {
    contact.complain(set[0] ?? '', `and ${set.slice(1).join(', ')} are set together`, 'set at most one of them');
    return undefined;
  }
  const kind = kinds.find((one) => one === set[0]);
  return kind === undefined ? undefined : channelOf(kind, contact.object(kind).object('secretRef'));
}

function channelOf(kind: Channel['kind'], ref: Reader): Channel {
  const name = ref.text('name');
  return kind === 'slack'
    ? { kind, secretRef: { name, key: ref.textOr('key') ?? urlKey } }
    : { kind, secretRef: { name } };
}

/** As it is pinned in a Run: the program's own form. */
export function readContact(contact: Reader): Contact {
  const channel = contact.objectOr('channel');
  return {
    role: contact.text('role'),
    ...optional('name', contact.textOr('name')),
    ...optional(
      'channel',
      channel === undefined ? undefined : channelOf(channel.oneOf('kind', kinds), channel.object('secretRef')),
    ),
  };
}
