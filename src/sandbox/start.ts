import { copyFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { balancerName, EAST, NAMESPACE, PLAN, REGIONS, SHOP_NAME, WEST, type RegionName } from './world/names.ts';
import { operatorLog, startOperator } from './world/operator.ts';
import { paths } from './world/world-file.ts';
import { startWorld, type World } from './world/world.ts';

const BUNDLE = join(import.meta.dirname, '..', '..', 'dist', 'maestro-dr.cjs');

/** `npm run sandbox`: the demo's world, left running for whoever wants to try things. Ends with Ctrl-C or `quit`. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { 'no-operator': { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } },
  });
  const withOperator = !values['no-operator'];
  if (withOperator && !existsSync(BUNDLE)) {
    throw new Error('dist/maestro-dr.cjs is not there: run make build first, or say --no-operator.');
  }
  const world = await startWorld({
    keep: values.keep,
    say: (what) => {
      say(what);
    },
  });
  if (withOperator) {
    const bundle = join(paths(world.file.folder).operator, 'maestro-dr.cjs');
    await copyFile(BUNDLE, bundle);
    world.adopt(await startOperator(world.file, bundle));
  }
  say(introduction(world, withOperator));
  await untilAskedToEnd(world);
  say('ending everything that was started');
  await world.stop();
  process.exit(0);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function introduction({ file }: World, withOperator: boolean): string {
  const kubeconfig = (name: RegionName): string => file.kubeconfigs.regions[name];
  const { folder, nameServers, frontDoorPort } = file;
  return `
Two regions on this machine; everything lies in ${folder} (world.json lists it) and is gone when this ends.

  export KUBECONFIG=${file.kubeconfigs.management}
  kubectl get drplan,drrun,drregion -n ${NAMESPACE}
  kubectl patch drplan ${PLAN} -n ${NAMESPACE} --type=merge -p '{"spec":{"activeRegion":"${WEST}"}}'
  kubectl get drrun -n ${NAMESPACE} -w

  kubectl --kubeconfig ${kubeconfig(EAST)} get deployments,pods -n ${NAMESPACE}
  kubectl --kubeconfig ${kubeconfig(WEST)} get deployments,pods -n ${NAMESPACE}
  ls ${paths(folder).manifests('management')}   (what was applied; kubectl apply -f it again if you like)

  curl http://127.0.0.1:${String(frontDoorPort)}/writable                    (the shop, wherever its name leads)
  dig @127.0.0.1 -p ${String(nameServers[0]?.port ?? 0)} ${SHOP_NAME} CNAME +norecurse   (${balancerName(EAST)} now)
${withOperator ? `  tail -f ${operatorLog(folder)}   (it says where its /metrics are)` : '  No operator runs here.'}

Type here: hold | release (replication), kill REGION, return REGION, quit. Regions: ${REGIONS.join(', ')}.
`;
}

/** Commands from stdin; where that is closed, only a signal ends it. */
async function untilAskedToEnd(world: World): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, resolve);
    const lines = createInterface({ input: process.stdin });
    lines.on('line', (line) => {
      const [verb = '', name = ''] = line.trim().split(/\s+/);
      if (verb === 'quit') resolve();
      else void obey(world, verb, name);
    });
  });
}

async function obey(world: World, verb: string, name: string): Promise<void> {
  try {
    say(await carryOut(world, verb, name));
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}

async function carryOut(world: World, verb: string, name: string): Promise<string> {
  const region = REGIONS.find((one) => one === name);
  switch (verb) {
    case '':
      return '';
    case 'hold':
      world.databases.replication.hold();
      return `what ${EAST} commits does not arrive in ${WEST} now`;
    case 'release':
      world.databases.replication.release();
      return 'replication flows';
    case 'kill':
      if (region === undefined) return `kill what? ${REGIONS.join(' or ')}`;
      await world.destroy(region);
      return `${region} is gone: API server, shops, balancer, edge, PostgreSQL`;
    case 'return':
      if (region === undefined) return `return what? ${REGIONS.join(' or ')}`;
      await world.restore(region);
      return `${region} is back as it was`;
    default:
      return 'hold, release, kill REGION, return REGION or quit';
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`The sandbox cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
