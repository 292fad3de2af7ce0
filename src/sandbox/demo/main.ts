import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startWorld, type World } from '../world/world.ts';
import { buildOperator } from './bundle.ts';
import { ending } from './ending.ts';
import { judge } from './judge.ts';
import { figuresOf } from './figures.ts';
import { collect, comeBack, forcedOutage, plannedReturn, quietTime, setStage } from './script.ts';
import { createPlainView, type View } from './view.ts';

interface Options {
  readonly broken: string | undefined;
  readonly keep: boolean;
}

/** @returns the exit code. */
async function play(options: Options, view: View, running: { world?: World }): Promise<number> {
  const begun = Date.now();
  const world = await startWorld({
    keep: options.keep,
    say: (what) => {
      view.say(what);
    },
  });
  running.world = world;
  const bundle = join(world.file.folder, 'operator', 'maestro-dr.cjs');
  await buildOperator(bundle, options.broken);
  const reports = await mkdtemp(join(tmpdir(), 'maestro-reports-'));
  const stage = await setStage(world, bundle, reports, view);
  const forced = await forcedOutage(stage);
  const back = await comeBack(stage, forced);
  const planned = await plannedReturn(stage);
  const quiet = await quietTime(stage);
  const evidence = await collect(stage, forced, back, planned, quiet);
  const verdicts = judge(evidence);
  const failed = verdicts.filter(({ holds }) => !holds);
  view.close();
  process.stdout.write(ending({ evidence, figures: figuresOf(evidence), verdicts, reports, totalMs: Date.now() - begun }));
  return failed.length === 0 ? 0 : 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { break: { type: 'string' }, keep: { type: 'boolean', default: false } } });
  const view = createPlainView((text) => process.stdout.write(text), Date.now);
  const running: { world?: World } = {};
  let interrupted = false;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => {
      interrupted = true;
      view.close();
      void stopWorld(running.world).then(() => process.exit(130));
    });
  }
  let code = 1;
  try {
    code = await play({ broken: values.break, keep: values.keep }, view, running);
  } catch (error) {
    if (interrupted) return;
    view.close();
    process.stderr.write(`\nThe demo could not go on: ${error instanceof Error ? error.message : String(error)}\n`);
  }
  if (interrupted) return;
  await stopWorld(running.world);
  process.exit(code);
}

async function stopWorld(world: World | undefined): Promise<void> {
  await world?.stop();
}

void main();
