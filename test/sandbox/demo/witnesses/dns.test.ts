import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import * as packet from 'dns-packet';
import { watchDns } from '../../../../src/sandbox/demo/witnesses/dns.ts';

describe('demo: the zone’s servers, as a witness', function () {
  this.timeout(10_000);

  it('tells a server that does not answer from one that leads nowhere and one that leads somewhere', async () => {
    const replies: readonly (readonly string[] | undefined)[] = [['lb.example.com'], undefined, []];
    const socket = createSocket('udp4');
    let asked = 0;
    const allAsked = new Promise<void>((resolve) => {
      socket.on('message', (message, from) => {
        const { id } = packet.decode(message);
        const targets = replies[asked];
        asked += 1;
        if (asked > replies.length) resolve();
        if (targets === undefined) return;
        const answers = targets.map((data) => ({ type: 'CNAME' as const, name: 'shop.example.com', ttl: 3, data }));
        socket.send(packet.encode({ type: 'response', id, questions: [], answers }), from.port, from.address);
      });
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const witness = watchDns('shop.example.com', [{ name: 'ns-1', port: socket.address().port }]);
    await allAsked;
    // From here on nobody listens: refused by the host, which is no answer either.
    socket.close();
    await witness.stop();
    const said = witness.answers().map(({ says }) => says);
    assert.deepEqual(said.slice(0, 3), ['lb.example.com', undefined, '-']);
    assert.ok(said.slice(3).every((says) => says === undefined));
  });
});
