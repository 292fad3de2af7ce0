/**
 * `dig @SERVER NAME TYPE +norecurse +short` where the zone's servers listen on other ports of this machine, which the
 * real one cannot be told from outside: DIG_SERVERS says where, `name=port,…`.
 */
import { createDns } from '../../src/system/dns.ts';
import type { DnsType } from '../../src/ports/dns.ts';

const types: readonly DnsType[] = ['A', 'AAAA', 'CNAME', 'TXT'];

async function main(): Promise<void> {
  const words = process.argv.slice(2).filter((word) => !word.startsWith('+'));
  const server = words.find((word) => word.startsWith('@'))?.slice(1) ?? '';
  const [name = '', asked = 'A'] = words.filter((word) => !word.startsWith('@'));
  const type = types.find((one) => one === asked);
  const known = (process.env['DIG_SERVERS'] ?? '').split(',').find((pair) => pair.startsWith(`${server}=`));
  const port = Number(known?.split('=')[1]);
  if (type === undefined || !Number.isInteger(port)) throw new Error(`dig: @${server} ${asked} is not known here`);
  const answer = await createDns().query({ server: '127.0.0.1', port, name, type }, AbortSignal.timeout(5_000));
  const values = answer.answers.filter((record) => record.type === type).map(({ value }) => value);
  process.stdout.write(values.map((value) => `${type === 'CNAME' ? `${value}.` : value}\n`).join(''));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 9;
});
