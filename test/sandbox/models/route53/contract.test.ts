import { route53Aws } from '../../../../src/sandbox/models/route53/index.ts';
import { route53Suite } from '../../../contract/route53-suite.ts';
import { shopWorld } from '../../../contract/route53-world.ts';

route53Suite({
  name: 'the port over the model',
  start: async (options) => {
    const world = shopWorld(options);
    return { ...world, aws: { send: route53Aws(world.model) }, close: async () => undefined };
  },
});
