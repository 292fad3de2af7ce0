import { parseDuration } from './api/duration.ts';
import { defaultConfig, type Config } from './config.ts';
import type { LogLevel } from './ports/log.ts';

export interface Settings {
  readonly config: Config;
  readonly logLevel: LogLevel;
  /** Absent: the pod's own ServiceAccount. */
  readonly kubeconfigPath?: string;
  /** Where metrics and health are served; absent: nowhere. Without a host on every address. */
  readonly metrics?: { readonly host?: string; readonly port: number };
}

export type ReadSettings =
  { readonly ok: true; readonly value: Settings } | { readonly ok: false; readonly problems: readonly string[] };

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Environment variables that set a time, and what they set. */
const durations = Object.freeze({
  MAESTRO_LEASE: 'leaseMs',
  MAESTRO_EFFECT_TIMEOUT: 'effectMs',
  MAESTRO_LOOK_TIMEOUT: 'lookMs',
  MAESTRO_REST_INTERVAL: 'restMs',
  MAESTRO_REGION_INTERVAL: 'regionMs',
  MAESTRO_NOTIFY_TIMEOUT: 'notifyMs',
} as const);

/** Configuration from the environment. What is wrong is said by name, all of it at once. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): ReadSettings {
  const problems: string[] = [];
  const logLevel = readLevel(env.MAESTRO_LOG_LEVEL ?? 'info', problems);
  const config = readConfig(env, problems);
  const metrics = readAddress(env.MAESTRO_METRICS_ADDRESS ?? '', problems);
  if (config.effectMs >= config.leaseMs) {
    problems.push(
      'MAESTRO_EFFECT_TIMEOUT: must be below MAESTRO_LEASE, or an effect could outlive the lease it was sent under.',
    );
  }
  if (problems.length > 0) return { ok: false, problems };
  const { KUBECONFIG: path = '' } = env;
  const value = {
    config,
    logLevel,
    ...(path === '' ? {} : { kubeconfigPath: path }),
    ...(metrics === undefined ? {} : { metrics }),
  };
  return { ok: true, value };
}

function readConfig(env: Readonly<Record<string, string | undefined>>, problems: string[]): Config {
  const dnsServers = readServers(env.MAESTRO_DNS_SERVERS, problems);
  return Object.freeze({
    ...defaultConfig,
    ...readTimes(env, problems),
    namespace: env.MAESTRO_NAMESPACE ?? defaultConfig.namespace,
    identity: env.MAESTRO_POD_NAME ?? defaultConfig.identity,
    maxRuns: readCount(env.MAESTRO_MAX_RUNS, problems) ?? defaultConfig.maxRuns,
    drivers: {
      allowLocalChecks: env.MAESTRO_ALLOW_LOCAL_CHECKS === 'true',
      ...(dnsServers === undefined ? {} : { dnsServers }),
    },
  });
}

function readTimes(env: Readonly<Record<string, string | undefined>>, problems: string[]): Partial<Config> {
  const times: Partial<Record<(typeof durations)[keyof typeof durations], number>> = {};
  for (const [name, field] of Object.entries(durations)) {
    const text = env[name] ?? '';
    if (text === '') continue;
    const ms = parseDuration(text);
    if (ms === undefined || ms <= 0) problems.push(`${name}: "${text}" is not a duration; write it like 15s or 2m.`);
    else times[field] = ms;
  }
  return times;
}

function readCount(text: string | undefined, problems: string[]): number | undefined {
  if (text === undefined || text === '') return undefined;
  const count = Number(text);
  if (/^\d{1,6}$/.test(text) && count > 0) return count;
  problems.push(`MAESTRO_MAX_RUNS: "${text}" is not a whole number above 0.`);
  return undefined;
}

function readLevel(text: string, problems: string[]): LogLevel {
  const level = levels.find((known) => known === text);
  if (level === undefined) problems.push(`MAESTRO_LOG_LEVEL: "${text}" is none of ${levels.join(', ')}.`);
  return level ?? 'info';
}

const address = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/;

/** `:8080`, `127.0.0.1:8080` or `[::1]:8080`; `off` serves nothing. */
function readAddress(text: string, problems: string[]): Settings['metrics'] {
  if (text === 'off') return undefined;
  const [, ipv6, name, port] = address.exec(text === '' ? ':8080' : text) ?? [];
  if (port === undefined || Number(port) > 65_535) {
    problems.push(
      `MAESTRO_METRICS_ADDRESS: "${text}" is no address to listen on; write it like :8080, 127.0.0.1:8080 or [::1]:8080, or off.`,
    );
    return undefined;
  }
  const host = ipv6 ?? name ?? '';
  return { port: Number(port), ...(host === '' ? {} : { host }) };
}

/** `name=address:port,…`: where a zone's servers are asked instead of their own address and port 53 (a split network, the sandbox). */
function readServers(
  text: string | undefined,
  problems: string[],
): Readonly<Record<string, { readonly address: string; readonly port: number }>> | undefined {
  if (text === undefined || text === '') return undefined;
  const servers: Record<string, { readonly address: string; readonly port: number }> = {};
  for (const part of text.split(',')) {
    const match = /^([^=]+)=(.+):(\d{1,5})$/.exec(part.trim());
    const [, name, address, port] = match ?? [];
    if (name === undefined || address === undefined || port === undefined) {
      problems.push(`MAESTRO_DNS_SERVERS: "${part}" is not name=address:port.`);
    } else servers[name] = { address, port: Number(port) };
  }
  return servers;
}
