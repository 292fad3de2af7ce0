import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { createDnsServer } from '../models/dns-server.ts';
import { createRoute53 } from '../models/route53/index.ts';
import { endWithParent } from '../shop/end-with-parent.ts';
import { createResolver, type Resolver } from '../shop/resolver.ts';
import { serveDns } from '../wire/dns.ts';
import { serveRoute53 } from '../wire/route53/index.ts';
import { failWith, readConfigFile, sayReady } from './config-file.ts';
import { hostTime } from './host-time.ts';
import { appendJsonLines } from './json-lines-file.ts';
import { networkFiles, type NetworkConfig } from './network-config.ts';

const HOST = '127.0.0.1';

/** Route 53, the zone's authoritative name servers, the front door and an external service: none of them in a region. */
async function main(): Promise<void> {
  endWithParent();
  const config = readConfigFile(process.argv.slice(2)) as NetworkConfig;
  const append = appendJsonLines(networkFiles(config.folder).audit);
  const model = createRoute53({
    time: hostTime,
    insyncDelayMs: config.insyncMs,
    zones: [
      {
        ...config.zone,
        nameServers: config.nameServers,
        records: config.records.map(({ name, type, ttl, value }) => ({
          Name: name,
          Type: type,
          TTL: ttl,
          ResourceRecords: [{ Value: value }],
        })),
      },
    ],
    audit: (entry) => {
      if (entry.operation === 'ChangeResourceRecordSets') append(entry);
    },
  });
  await serveDns(
    config.nameServers.map(({ name, port }) => ({ model: createDnsServer(model, name), host: HOST, port })),
  );
  const route53 = await serveRoute53(model, { host: HOST, port: config.route53Port });
  await serveFrontDoor(config);
  await serveDependency(config.dependencyPort);
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => process.exit(0));
  sayReady({ route53: route53.url });
}

async function serveFrontDoor(config: NetworkConfig): Promise<void> {
  const [first] = config.nameServers;
  if (first === undefined) throw new Error('The zone has no name server.');
  const resolver = createResolver({ host: HOST, port: first.port }, () => performance.now());
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (near) => {
    near.on('error', () => near.destroy());
    void lead(near, resolver, config);
  });
  server.listen(config.frontDoor.port, HOST);
  await once(server, 'listening');
}

/** Where the name leads now; a connection that cannot be led anywhere is reset. */
async function lead(near: Socket, resolver: Resolver, config: NetworkConfig): Promise<void> {
  const port = await resolver.resolve(config.frontDoor.name).then(
    ({ name }) => config.ports[name],
    () => undefined,
  );
  if (port === undefined) {
    near.resetAndDestroy();
    return;
  }
  const far = connect({ host: HOST, port, allowHalfOpen: true });
  far.on('error', () => near.resetAndDestroy());
  near.on('close', () => far.destroy());
  near.pipe(far);
  far.pipe(near);
}

/** `PUT /healthz` with `red` or `green` sets what a GET says. */
async function serveDependency(port: number): Promise<void> {
  let ok = true;
  const server = createHttpServer((request, response) => {
    const answer = (): void => {
      const status = request.method === 'PUT' || ok ? 200 : 503;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ok }));
    };
    if (request.method !== 'PUT') {
      answer();
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      ok = Buffer.concat(chunks).toString('utf8').trim() !== 'red';
      answer();
    });
  });
  server.listen(port, HOST);
  await once(server, 'listening');
}

main().catch(failWith('network'));
