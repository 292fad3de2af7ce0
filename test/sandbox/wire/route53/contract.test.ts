import { serveRoute53 } from '../../../../src/sandbox/wire/route53/index.ts';
import { createAws } from '../../../../src/system/aws.ts';
import { route53Suite } from '../../../contract/route53-suite.ts';
import { shopWorld } from '../../../contract/route53-world.ts';

route53Suite({
  name: 'the SDK over the wire',
  start: async (options) => {
    const world = shopWorld(options);
    const server = await serveRoute53(world.model, { host: '127.0.0.1', port: 0 });
    const aws = createAws({
      endpoints: { route53: server.url },
      credentials: { accessKeyId: 'AKIASANDBOX', secretAccessKey: 'sandbox' },
      requestTimeoutMs: 20_000,
    });
    return {
      ...world,
      aws,
      close: async () => {
        aws.close();
        await server.close();
      },
    };
  },
});
