import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { endWithParent } from '../../../src/sandbox/shop/end-with-parent.ts';
import { failWith, readConfigFile, sayReady } from '../../../src/sandbox/programs/config-file.ts';
import { OPERATOR } from '../../../src/sandbox/demo/witnesses/audits.ts';
import { isObject, parseJson } from '../../../src/sandbox/models/kube-api/json.ts';
import { accessOf, createAuditReader } from './audit.ts';
import type { ProgramName } from '../../../scripts/control-plane/programs.ts';
import { controlPlaneFiles, type ControlPlaneConfig, type Start } from './control-plane-config.ts';
import { apiServerFlags, controllerFlags, etcdFlags, kwokFlags, schedulerFlags } from './flags.ts';
import { createApi, type Api } from './kube-api.ts';
import { startNode } from './node-agent.ts';

const READY_MS = 60_000;
const EVERY_MS = 100;

/**
 * A real API server with its etcd; in a region also its controllers, its scheduler and its only node. Like the
 * sandbox's `cluster-main.ts` it is one process group, whose SIGKILL is the loss of the region.
 */
async function main(): Promise<void> {
  endWithParent();
  endGroupWithUs();
  const config = readConfigFile(process.argv.slice(2)) as ControlPlaneConfig;
  const { ports, region } = config;
  const running: ChildProcess[] = [];
  const run = (name: ProgramName, flags: readonly string[]): ChildProcess => {
    const child = start(config, name, flags);
    running.push(child);
    return child;
  };
  const startedAt = Date.now();
  run('etcd', etcdFlags(config));
  readAudit(config, run('kube-apiserver', apiServerFlags(config)));
  const api = createApi({ port: ports.api, ca: config.ca, token: config.tokens.kubelet });
  await ready(api);
  const begun: Start = { startedAt, readyAt: Date.now() };
  appendFileSync(controlPlaneFiles(config.folder).starts, `${JSON.stringify(begun)}\n`, { mode: 0o600 });
  if (region !== undefined) {
    run('kube-controller-manager', controllerFlags(config));
    run('kube-scheduler', schedulerFlags(config));
    run('kwok', kwokFlags(config));
    await startNode(config, region, api);
  }
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      // The API server's stdout is ours: what it says last is not read any more, and it must not wait for that.
      for (const child of running.toReversed()) child.kill('SIGKILL');
      process.exit(0);
    });
  }
  sayReady({ port: ports.api });
}

/** Go's programs do not notice that their parent is gone; a shell on a pipe does, and ends all of the group. */
function endGroupWithUs(): void {
  const shell = spawn('/bin/sh', ['-c', 'cat >/dev/null; kill -KILL 0'], { stdio: ['pipe', 'ignore', 'ignore'] });
  shell.unref();
}

/** Its last words tell whether a port was taken: then others are drawn. */
function start(
  { name: cluster, folder, programs }: ControlPlaneConfig,
  name: ProgramName,
  flags: readonly string[],
): ChildProcess {
  const log = controlPlaneFiles(folder).log(name);
  const child = spawn(programs[name], [...flags], {
    cwd: folder,
    stdio: ['ignore', name === 'kube-apiserver' ? 'pipe' : 'ignore', openSync(log, 'a', 0o600)],
    // kwok reads a configuration of its user's own, too.
    env: { PATH: process.env.PATH, HOME: folder },
  });
  child.once('exit', (code, signal) => {
    const taken = readFileSync(log, 'utf8').includes('address already in use');
    process.stderr.write(`${cluster}: ${name} ended with ${String(signal ?? code)}; see ${log}\n`);
    process.exit(taken ? 3 : 1);
  });
  return child;
}

function readAudit({ name, folder }: ControlPlaneConfig, apiServer: ChildProcess): void {
  const files = controlPlaneFiles(folder);
  const reader = createAuditReader(name);
  const { stdout } = apiServer;
  if (stdout === null) throw new Error('the API server has no stdout');
  eachLine(stdout, (line) => {
    const event = parseJson(line);
    if (!isObject(event)) return;
    const mutation = reader.mutation(event);
    if (mutation !== undefined) appendFileSync(files.audit, `${JSON.stringify(mutation)}\n`, { mode: 0o600 });
    const access = accessOf(event, OPERATOR);
    if (access !== undefined) appendFileSync(files.access, `${JSON.stringify(access)}\n`, { mode: 0o600 });
  });
}

function eachLine(input: Readable, take: (line: string) => void): void {
  createInterface({ input }).on('line', take);
}

async function ready(api: Api): Promise<void> {
  const late = Date.now() + READY_MS;
  for (;;) {
    if (await api.answers('/readyz')) return;
    if (Date.now() > late) throw new Error(`the API server is not ready after ${String(READY_MS / 1_000)} s`);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

main().catch(failWith('control-plane'));
