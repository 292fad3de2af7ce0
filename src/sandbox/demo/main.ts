import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startWorld, type World } from '../world/world.ts';
import { exitCode } from './broken.ts';
import { buildOperator } from './bundle.ts';
import { collect, type Parts } from './collect.ts';
import { ending } from './ending.ts';
import { judge } from './judge/index.ts';
import { bringOut, reportsWithin } from './reports.ts';
import { comeBack, forcedOutage, plannedReturn, setStage, theEnd } from './script.ts';
import type { Stage } from './stage.ts';
import { OBJECTIVES } from '../world/plan.ts';
import { createLiveView } from './live-view.ts';
import { createPlainView, type View } from './view.ts';

interface Options {
  readonly broken: string | undefined;
  readonly keep: boolean;
  /** An operator that was built elsewhere; default: built here. */
  readonly bundle: string | undefined;
}

/** `said` last. */
interface Result {
  readonly code: number;
  readonly said: string;
}

/** What has to be ended or removed, however this ends. */
interface Running {
  world?: World;
  /** Of the reports, and nobody was told of it yet. */
  unnamed?: string;
}

async function play(options: Options, view: View, running: Running): Promise<Result> {
  const begun = Date.now();
  const world = await startWorld({
    keep: options.keep,
    say: (what) => {
      view.say(what);
    },
  });
  running.world = world;
  const bundle = join(world.file.folder, 'operator', 'maestro-dr.cjs');
  if (options.bundle === undefined) await buildOperator(bundle, options.broken);
  else await copyFile(options.bundle, bundle);
  const inside = await reportsWithin(world.file.folder);
  const stage = await setStage(world, bundle, inside, view);
  const { parts, stopped } = await tell(stage);
  const evidence = await collect(stage, parts);
  const verdicts = judge(evidence);
  const reports = await bringOut(inside, (folder) => {
    running.unnamed = folder;
  });
  const { broken } = options;
  const said = ending({ evidence, verdicts, stopped, reports, broken, totalMs: Date.now() - begun });
  return { code: exitCode(verdicts, stopped), said };
}

/** As far as it goes: what a broken operator has done until then is judged all the same. */
async function tell(stage: Stage): Promise<{ readonly parts: Parts; readonly stopped: string | undefined }> {
  let parts: Parts = {};
  try {
    const forced = await forcedOutage(stage);
    parts = { forced };
    const back = await comeBack(stage, forced);
    parts = { forced, back };
    const planned = await plannedReturn(stage);
    parts = { forced, back, planned };
    const end = await theEnd(stage);
    return { parts: { forced, back, planned, end }, stopped: undefined };
  } catch (error) {
    return { parts, stopped: error instanceof Error ? error.message : String(error) };
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { break: { type: 'string' }, bundle: { type: 'string' }, keep: { type: 'boolean', default: false } },
  });
  const view = createView();
  const running: Running = {};
  const interruption = interruptions();
  const played = play({ broken: values.break, bundle: values.bundle, keep: values.keep }, view, running).catch(
    (error: unknown) => ({ code: 1, said: `The demo could not begin: ${sentence(error)}` }),
  );
  const told = played.then((result) => ({ ...result, named: true }));
  const { code, said, named } = await Promise.race([
    told,
    interruption.then((result) => ({ ...result, named: false })),
  ]);
  view.close();
  process.stdout.write(`${said}\n`);
  await running.world?.stop();
  if (!named && running.unnamed !== undefined) await rm(running.unnamed, { recursive: true, force: true });
  process.exit(code);
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The first signal that asks us to end; a second one does not wait for the cleaning up. */
async function interruptions(): Promise<Result> {
  return await new Promise((resolve) => {
    for (const [name, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
      process.once(name, () => {
        resolve({ code, said: `\n${name}: ending everything that was started` });
      });
    }
  });
}

function createView(): View {
  const write = (text: string): void => {
    process.stdout.write(text);
  };
  if (!process.stdout.isTTY) return createPlainView(write, Date.now);
  return createLiveView({ write, columns: () => process.stdout.columns }, Date.now, OBJECTIVES);
}

void main();
