/** The kernel alone: `node test/simulation/kernel/bench.ts [seconds]`. Ten toy processes write, until 5,000 events. */
import { createKernel } from './index.ts';
import { createRegister, sleep, write } from './toy.ts';

const eventsPerHistory = 5000;

async function history(seed: number): Promise<void> {
  const kernel = createKernel({ seed, startWall: Date.UTC(2030, 0, 1) });
  const register = createRegister();
  for (let index = 0; index < 10; index += 1) {
    kernel.spawn(`process-${String(index)}`, async (process) => {
      for (;;) {
        await write(process, register, 'x');
        await sleep(process, 10 * process.draw('pause'));
      }
    });
  }
  await kernel.run({ maxEvents: eventsPerHistory });
}

const seconds = Number(process.argv[2] ?? '3');
await history(0);
const startedAt = cpuSeconds();
let histories = 0;
while (cpuSeconds() - startedAt < seconds) {
  histories += 1;
  await history(histories);
}
const rate = histories / (cpuSeconds() - startedAt);
process.stdout.write(`${rate.toFixed(1)} histories/s and core, ${(rate * eventsPerHistory).toFixed(0)} events/s\n`);

/** Of this process, so that a busy machine measures the same. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
