import pg from 'pg';
import type { Address } from '../../../../src/sandbox/link.ts';
import type { WorldClient } from '../../../contract/database-world.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly ca: string;
}

/** `asked`: the password is sent when it resolves. */
export function newClient(
  { host, port }: Address,
  login: Login,
  options?: string,
  asked: Promise<void> = Promise.resolve(),
): pg.Client {
  const client = new pg.Client({
    host,
    port,
    user: login.user,
    password: () => asked.then(() => login.password),
    database: 'shop',
    ssl: { ca: login.ca },
    query_timeout: 30_000,
    ...(options === undefined ? {} : { options }),
  });
  client.on('error', () => {
    // It was ended from the other side; the next query says so.
  });
  return client;
}

export async function openClient(address: Address, login: Login, options?: string): Promise<pg.Client> {
  const client = newClient(address, login, options);
  await client.connect();
  return client;
}

export function worldClient(client: pg.Client): WorldClient {
  const succeeds = async (text: string, values: string[] = []): Promise<boolean> => {
    try {
      await client.query(text, values);
      return true;
    } catch (error) {
      if (error instanceof Error) return false;
      throw error;
    }
  };
  return {
    write: async (id) => await succeeds('INSERT INTO orders (id) VALUES ($1)', [id]),
    begin: async (id) => {
      await client.query('BEGIN');
      await client.query('INSERT INTO orders (id) VALUES ($1)', [id]);
    },
    isOpen: async () => await succeeds('SELECT 1'),
    close: async () => {
      await client.end();
    },
  };
}
