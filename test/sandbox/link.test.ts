import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createLink } from '../../src/sandbox/link.ts';
import type { Link } from '../../src/sandbox/link.ts';
import { until } from '../support/postgresql.ts';

describe('A link that can be held and cut', () => {
  let echo: Server;
  let link: Link;
  let received = 0;
  const serverSide = new Set<Socket>();

  beforeEach(async () => {
    received = 0;
    echo = createServer((socket) => {
      serverSide.add(socket);
      socket.on('close', () => serverSide.delete(socket));
      socket.on('error', () => socket.destroy());
      socket.on('data', (chunk) => {
        received += chunk.length;
        socket.write(chunk);
      });
    });
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    const address = echo.address();
    assert.ok(address !== null && typeof address === 'object');
    link = await createLink({ target: { host: '127.0.0.1', port: address.port } });
  });
  afterEach(async () => {
    await link.close();
    for (const socket of serverSide) socket.destroy();
    echo.close();
  });

  /** A client that keeps what it heard, and how it ended. */
  const dial = async (): Promise<{ socket: Socket; heard: () => string; ended: () => string | undefined }> => {
    const socket = connect({ host: link.host, port: link.port });
    let heard = '';
    let ended: string | undefined;
    socket.on('data', (chunk) => (heard += chunk.toString()));
    socket.on('error', (error) => (ended = 'code' in error ? String(error.code) : error.message));
    socket.on('close', () => (ended ??= 'closed'));
    await once(socket, 'connect');
    return { socket, heard: () => heard, ended: () => ended };
  };

  it('forwards both ways, and an end', async () => {
    const one = await dial();
    one.socket.write('hello');
    await until('the echo', () => one.heard() === 'hello');
    one.socket.end();
    await until(
      'it is closed on both sides',
      () => one.ended() === 'closed' && serverSide.size === 0 && link.connections() === 0,
    );
  });

  it('holds what is sent while connections stay open and new ones are taken, and then forwards it in order', async () => {
    const one = await dial();
    one.socket.write('a');
    await until('the echo', () => one.heard() === 'a');
    link.hold();
    one.socket.write('b');
    const two = await dial();
    two.socket.write('x');
    one.socket.write('c');
    await pause(100);
    assert.deepEqual(
      [link.state(), received, one.heard(), two.heard(), one.ended(), two.ended()],
      ['Held', 1, 'a', '', undefined, undefined],
    );
    link.release();
    await until('everything came', () => one.heard() === 'abc' && two.heard() === 'x');
    one.socket.destroy();
    two.socket.destroy();
  });

  it('does not tell one side that the other has gone, while it is held', async () => {
    const one = await dial();
    one.socket.write('a');
    await until('the echo', () => one.heard() === 'a');
    link.hold();
    for (const socket of serverSide) socket.destroy();
    await pause(100);
    assert.equal(one.ended(), undefined);
    link.release();
    await until('now it knows', () => one.ended() !== undefined);
  });

  it('buffers little while it is held', async () => {
    const one = await dial();
    link.hold();
    const block = Buffer.alloc(1_000_000);
    let sent = 0;
    while (sent < 200 && one.socket.write(block)) sent++;
    // The kernel's own buffers take a few MB at most; then the sender is held up, and so nothing is lost in between.
    for (let written = 0; written < 100; written++) one.socket.write(block);
    await pause(200);
    assert.ok(one.socket.writableLength > 50_000_000, `only ${String(one.socket.writableLength)} bytes were held back`);
    assert.equal(received, 0);
    one.socket.destroy();
  });

  it('resets everything when it is cut, and new connections until it is restored', async () => {
    const one = await dial();
    one.socket.write('a');
    await until('the echo', () => one.heard() === 'a');
    link.cut();
    await until('the reset', () => one.ended() === 'ECONNRESET');
    const two = await dial().catch((error: unknown) => String(error));
    if (typeof two !== 'string') await until('a reset as well', () => two.ended() !== undefined);
    await until('nothing of it is left', () => link.connections() === 0);
    link.restore();
    const three = await dial();
    three.socket.write('back');
    await until('the echo', () => three.heard() === 'back');
    three.socket.destroy();
  });

  it('asks where to go for each connection, and resets one that has nowhere to go', async () => {
    const address = echo.address();
    assert.ok(address !== null && typeof address === 'object');
    let there = false;
    const balancer = await createLink({
      target: () => (there ? { host: '127.0.0.1', port: address.port } : undefined),
    });
    try {
      const refused = connect({ host: balancer.host, port: balancer.port });
      const [error]: unknown[] = await once(refused, 'close').then(
        () => [],
        (reason: unknown) => [reason],
      );
      assert.ok(error === undefined || error instanceof Error);
      there = true;
      const socket = connect({ host: balancer.host, port: balancer.port });
      socket.write('y');
      const chunk: unknown = await new Promise((resolve) => socket.once('data', resolve));
      assert.equal(String(chunk), 'y');
      socket.destroy();
    } finally {
      await balancer.close();
    }
  });

  it('delays when told to', async () => {
    const address = echo.address();
    assert.ok(address !== null && typeof address === 'object');
    const slow = await createLink({ target: { host: '127.0.0.1', port: address.port }, delayMs: 150 });
    try {
      const socket = connect({ host: slow.host, port: slow.port });
      const begun = Date.now();
      socket.write('z');
      await new Promise((resolve) => socket.once('data', resolve));
      assert.ok(Date.now() - begun >= 300, 'there and back');
      socket.destroy();
    } finally {
      await slow.close();
    }
  });
});
