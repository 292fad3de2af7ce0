import { modelDns } from '../../src/sandbox/models/dns-front.ts';
import { route53Aws } from '../../src/sandbox/models/route53/index.ts';
import { serveDns } from '../../src/sandbox/wire/dns.ts';
import { serveRoute53 } from '../../src/sandbox/wire/route53/index.ts';
import { createAws } from '../../src/system/aws.ts';
import { createDns } from '../../src/system/dns.ts';
import type { TrafficSubject } from './traffic-world.ts';

/** The ports over the models: no socket. */
export const overModel: TrafficSubject = {
  name: 'the model',
  against: 'model',
  open: async (model, servers) => {
    const placed = servers.map((server, index) => ({
      address: `192.0.2.${String(index + 53)}`,
      port: 53,
      model: server,
    }));
    return {
      aws: { send: route53Aws(model) },
      dns: modelDns({ servers: placed, hosts: {} }),
      servers: Object.fromEntries(placed.map(({ address, port, model: { name } }) => [name, { address, port }])),
      close: async () => undefined,
    };
  },
};

/** The SDK over HTTP, and DNS over UDP and TCP. */
export const overWire: TrafficSubject = {
  name: 'the wire',
  against: 'wire',
  open: async (model, servers, requestTimeoutMs) => {
    const host = '127.0.0.1';
    const api = await serveRoute53(model, { host, port: 0 });
    const dns = await serveDns(servers.map((server) => ({ model: server, host, port: 0 })));
    const credentials = { accessKeyId: 'AKIASANDBOX', secretAccessKey: 'sandbox' };
    const aws = createAws({ endpoints: { route53: api.url }, credentials, requestTimeoutMs });
    return {
      aws,
      dns: createDns(),
      servers: Object.fromEntries(dns.listeners.map(({ name, port }) => [name, { address: host, port }])),
      close: async () => {
        aws.close();
        await Promise.all([api.close(), dns.close()]);
      },
    };
  },
};
