import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isMap } from '../crds/crds.ts';
import { assertNothingLeft, isListening, processesOf } from '../support/left-behind.ts';

const MAIN = join(import.meta.dirname, 'world', 'lone-main.ts');

describe('what a real control plane leaves behind', function () {
  this.timeout(180_000);

  for (const signal of ['SIGKILL', 'SIGINT'] as const) {
    it(`nothing, when its owner is ended by ${signal}`, async () => {
      const child = spawn(process.execPath, [MAIN], { stdio: ['ignore', 'pipe', 'inherit'] });
      try {
        const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as readonly unknown[];
        const said: unknown = JSON.parse(String(line));
        assert.ok(isMap(said));
        const { folder, port, balancerPort, edgePort } = said;
        assert.ok(typeof folder === 'string');
        const running = await processesOf(folder);
        for (const program of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok']) {
          assert.ok(
            running.some((words) => words.includes(`/${program} `)),
            `${program} runs`,
          );
        }
        // The balancer, which has nobody to lead to, resets every connection.
        for (const one of [port, edgePort]) assert.ok(await isListening(Number(one)), `port ${String(one)} is served`);
        const exited = once(child, 'exit');
        child.kill(signal);
        await exited;
        await assertNothingLeft(folder, [port, balancerPort, edgePort].map(Number));
      } finally {
        child.kill('SIGKILL');
      }
    });
  }
});
