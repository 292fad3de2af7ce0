import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '../../src/sandbox/certificates.ts';
import {
  createDelayRuntime,
  createKubeApi,
  type AuditEntry,
  type KubeApi,
} from '../../src/sandbox/models/kube-api/index.ts';
import { kubeconfigFor } from '../../src/sandbox/wire/kube-api/kubeconfig.ts';
import { serveKubeApi } from '../../src/sandbox/wire/kube-api/index.ts';
import { startProgram, type Program } from '../../src/sandbox/world/program.ts';
import { personToken } from '../scenarios/names.ts';
import { sharedCrds } from '../scenarios/crds.ts';
import { ask } from '../scenarios/objects.ts';
import { realTime } from '../sandbox/wire/kube-api/real-time.ts';

/** Plain JavaScript: what strips types from TypeScript would be in the process, and in its memory. */
const END_WITH_PARENT = `const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit(1);
}, 500).unref();
`;

/** A management cluster of this process, served over TLS, and the operator in processes of its own. */
export interface OperatorBed {
  readonly folder: string;
  readonly api: KubeApi;
  /** What changed or was refused; reads are left out. */
  readonly audit: readonly AuditEntry[];
  /** Requests so far, reads among them. */
  requests(): number;
  person(method: string, path: string, body?: unknown): Readonly<Record<string, unknown>>;
  /** `user` is who the API server takes it for; its log goes to `<user>.log` in the folder. */
  start(
    user: string,
    program: string,
    env?: Readonly<Record<string, string>>,
    nodeFlags?: readonly string[],
  ): Promise<Program>;
  end(): Promise<void>;
}

/** @param users whom the API server knows beside the person. */
export async function createOperatorBed(users: readonly string[]): Promise<OperatorBed> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-operator-'));
  const authority = await createAuthority('operator bed');
  const tls = await authority.issue({ names: ['127.0.0.1', 'localhost'] });
  const preload = join(folder, 'end-with-parent.cjs');
  await writeFile(preload, END_WITH_PARENT);
  const audit: AuditEntry[] = [];
  const programs: Program[] = [];
  let requests = 0;
  const api = createKubeApi({
    name: 'management',
    time: realTime,
    clusterUid: 'uid-of-management',
    crds: sharedCrds(),
    pods: createDelayRuntime({ time: realTime, readyDelayMs: 50, stopDelayMs: 20 }),
    audit: (entry) => {
      if (entry.verb !== 'get' && entry.verb !== 'list' && entry.verb !== 'watch') audit.push(entry);
    },
    tokens: { [personToken]: 'ana', ...Object.fromEntries(users.map((user) => [tokenOf(user), user])) },
  });
  const served = await serveKubeApi(api, {
    tls,
    before: () => {
      requests += 1;
      return undefined;
    },
  });
  ask(api, 'POST', '/api/v1/namespaces', namespaceOf('maestro-dr-system'));
  return {
    folder,
    api,
    audit,
    requests: () => requests,
    person: (method, path, body) => ask(api, method, path, body),
    start: async (user, program, env = {}, nodeFlags = []) => {
      const kubeconfig = join(folder, `${user}.kubeconfig`);
      await writeFile(kubeconfig, kubeconfigFor({ server: served.url, ca: authority.ca, token: tokenOf(user) }));
      const started = await startProgram({
        args: [...nodeFlags, '--require', preload, program],
        cwd: folder,
        log: join(folder, `${user}.log`),
        ready: 'started',
        env: {
          HOME: folder,
          KUBECONFIG: kubeconfig,
          MAESTRO_NAMESPACE: 'maestro-dr-system',
          MAESTRO_POD_NAME: user,
          MAESTRO_METRICS_ADDRESS: '127.0.0.1:0',
          ...env,
        },
      });
      programs.push(started);
      return started;
    },
    end: async () => {
      // A stopped one would not hear a polite word.
      await Promise.all(programs.map((program) => program.kill()));
      api.destroy();
      await served.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function namespaceOf(name: string): unknown {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

function tokenOf(user: string): string {
  return `token-of-${user}`;
}
