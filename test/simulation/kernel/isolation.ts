import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import type { AsyncHook } from 'node:async_hooks';
import { createRequire, syncBuiltinESMExports } from 'node:module';

/** Something in a history reached for the real world, so the history could not be replayed. */
export class IsolationError extends Error {
  /** Which process did it; `world` for models and the scenario. */
  readonly context: string;
  readonly what: string;
  constructor(context: string, what: string) {
    super(
      `${context} reached for the real world: ${what}. In a simulation, time, randomness and I/O come through ports`,
    );
    this.name = 'IsolationError';
    this.context = context;
    this.what = what;
  }
}

/** Keeps what runs inside from the real world, and leaves everything else in this Node process alone. */
export interface Isolation {
  /** Between `begin` and `end` the guards stand. Several isolations may stand at the same time. */
  begin(): void;
  end(): void;
  /** Runs `task`, and all that follows from it asynchronously, on behalf of `context`. */
  inside(context: string, task: () => void): void;
  /** What was reached for since the last asking; the code that did it may have caught its error. */
  violation(): IsolationError | undefined;
}

/** No guard at all: to see that the guards are needed. */
export function noIsolation(): Isolation {
  const nothing = (): void => undefined;
  return { begin: nothing, end: nothing, inside: (_context, task) => task(), violation: () => undefined };
}

interface Guard {
  readonly context: string;
  readonly report: (error: IsolationError) => void;
}

/*
 * Which history the running code belongs to. By this the guards let everybody else pass: mocha's own timers, and sockets
 * that an earlier test left to be closed, share this process and its event loop.
 */
const current = new AsyncLocalStorage<Guard>();

export function createIsolation(): Isolation {
  let found: IsolationError | undefined;
  const report = (error: IsolationError): void => {
    found ??= error;
  };
  const guards = new Map<string, Guard>();
  const guardOf = (context: string): Guard => {
    const guard = guards.get(context) ?? { context, report };
    guards.set(context, guard);
    return guard;
  };
  return {
    begin: () => {
      if (standing === 0) putUp();
      standing += 1;
    },
    end: () => {
      standing -= 1;
      if (standing === 0) takeDown();
    },
    inside: (context, task) => current.run(guardOf(context), task),
    violation: () => {
      const error = found;
      found = undefined;
      return error;
    },
  };
}

/**
 * Leaves the guards standing from one run of a kernel to the next, until `work` is done: putting them up and taking them
 * down costs more than most events do, and a history is told in many short runs.
 */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  const isolation = createIsolation();
  isolation.begin();
  try {
    return await work();
  } finally {
    isolation.end();
  }
}

let standing = 0;
let undo: (() => void)[] = [];
let hook: AsyncHook | undefined;

function putUp(): void {
  const require = createRequire(import.meta.url);
  openConsole();
  guardGlobals();
  for (const [name, functions] of Object.entries(GUARDED_MODULES)) {
    const module: unknown = require(`node:${name}`);
    if (isObject(module)) guardFunctions(module, functions ?? functionsOf(module), `${name}.`);
  }
  syncBuiltinESMExports();
  // What slips through, for it was captured before the guards stood: whatever the event loop would come back to.
  hook = createHook({
    init: (_id, type) => {
      const guard = current.getStore();
      if (guard !== undefined && !LOOPLESS.has(type)) {
        guard.report(new IsolationError(guard.context, `an asynchronous ${type}`));
      }
    },
    trackPromises: false,
  }).enable();
}

/** Node opens them at the first use, which may be a `console.log` of somebody who looks for an error in a history. */
function openConsole(): void {
  for (const stream of ['stdout', 'stderr']) Reflect.get(process, stream);
}

function takeDown(): void {
  hook?.disable();
  hook = undefined;
  for (const restore of undo.reverse()) restore();
  undo = [];
  syncBuiltinESMExports();
}

/** Microtasks and ticks run before the kernel goes on; nothing comes back from what is written to the console. */
const LOOPLESS: ReadonlySet<string> = new Set(['TickObject', 'Microtask', 'PROMISE', 'AsyncResource', 'WriteWrap']);

/**
 * The functions of each module that reach outside; undefined: all of them. Not `timers`, by which Node itself reports
 * uncaught errors: the globals are guarded, and the hook sees the others.
 */
const GUARDED_MODULES: Readonly<Record<string, readonly string[] | undefined>> = {
  'timers/promises': ['setTimeout', 'setInterval', 'setImmediate'],
  fs: undefined,
  'fs/promises': undefined,
  child_process: undefined,
  dns: undefined,
  'dns/promises': undefined,
  net: ['connect', 'createConnection', 'createServer', 'Socket', 'Server'],
  tls: ['connect', 'createServer'],
  dgram: ['createSocket', 'Socket'],
  http: ['request', 'get', 'createServer'],
  https: ['request', 'get', 'createServer'],
  http2: ['connect', 'createServer', 'createSecureServer'],
  worker_threads: ['Worker', 'MessageChannel', 'BroadcastChannel'],
  // Randomness, and what the thread pool does; hashes are deterministic and stay.
  crypto: [
    'randomUUID',
    'randomBytes',
    'randomInt',
    'randomFill',
    'randomFillSync',
    'pseudoRandomBytes',
    'getRandomValues',
    'generateKeyPair',
    'generateKeyPairSync',
    'generateKey',
    'generateKeySync',
    'pbkdf2',
    'scrypt',
    'hkdf',
  ],
  zlib: [
    'gzip',
    'gunzip',
    'deflate',
    'inflate',
    'deflateRaw',
    'inflateRaw',
    'unzip',
    'brotliCompress',
    'brotliDecompress',
  ],
};

function guardGlobals(): void {
  guardFunctions(globalThis, ['setTimeout', 'setInterval', 'setImmediate', 'fetch'], '');
  guardFunctions(globalThis, ['WebSocket', 'EventSource', 'MessageChannel', 'BroadcastChannel'], '');
  guardFunctions(Math, ['random'], 'Math.');
  guardFunctions(performance, ['now', 'mark', 'measure'], 'performance.');
  guardFunctions(crypto, ['randomUUID', 'getRandomValues'], 'crypto.');
  guardFunctions(crypto.subtle, functionsOf(Object.getPrototypeOf(crypto.subtle)), 'crypto.subtle.');
  guardFunctions(AbortSignal, ['timeout'], 'AbortSignal.');
  guardFunctions(process.hrtime, ['bigint'], 'process.hrtime.');
  guardFunctions(process, ['hrtime', 'uptime', 'cpuUsage', 'memoryUsage', 'resourceUsage'], 'process.');
  guardDate();
}

/** `new Date(ms)`, `Date.parse` and `Date.UTC` compute; only what reads the clock is guarded. */
function guardDate(): void {
  const real = Date;
  const guarded = new Proxy(real, {
    construct: (target, given: unknown[], newTarget) => {
      if (given.length === 0) refuse('new Date()');
      const made: unknown = Reflect.construct(target, given, newTarget === guarded ? target : newTarget);
      return made instanceof target ? made : new target(NaN);
    },
    apply: (target) => {
      refuse('Date()');
      return target();
    },
    get: (target, name, receiver): unknown => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  });
  const now = (): number => {
    refuse('Date.now');
    return real.now();
  };
  replace(globalThis, 'Date', guarded);
}

function guardFunctions(owner: object, names: readonly string[], prefix: string): void {
  for (const name of names) {
    const real: unknown = Reflect.get(owner, name);
    if (typeof real !== 'function') continue;
    const what = `${prefix}${name}`;
    // A proxy, so that what hangs on the function (util.promisify, prototypes, bigint) and `new` stay as they are.
    const guarded = new Proxy(real, {
      apply: (target, self: unknown, given: unknown[]): unknown => {
        refuse(what);
        return Reflect.apply(target, self, given);
      },
      construct: (target, given: unknown[], newTarget): object => {
        refuse(`new ${what}`);
        const made: unknown = Reflect.construct(target, given, newTarget === guarded ? target : newTarget);
        return isObject(made) ? made : {};
      },
    });
    replace(owner, name, guarded);
  }
}

/** @throws IsolationError in a simulation, where it is also reported, lest it be swallowed. */
function refuse(what: string): void {
  const guard = current.getStore();
  if (guard === undefined) return;
  const error = new IsolationError(guard.context, what);
  guard.report(error);
  throw error;
}

function replace(owner: object, name: string, value: unknown): void {
  const before = Object.getOwnPropertyDescriptor(owner, name);
  // Not ours to change (read-only), and then not writable for others either: the hook still watches.
  if (before?.configurable === false) return;
  Object.defineProperty(owner, name, {
    value,
    configurable: true,
    writable: true,
    enumerable: before?.enumerable ?? true,
  });
  undo.push(() => {
    if (before === undefined) Reflect.deleteProperty(owner, name);
    else Object.defineProperty(owner, name, before);
  });
}

function functionsOf(owner: unknown): readonly string[] {
  if (!isObject(owner)) return [];
  const descriptors = Object.entries(Object.getOwnPropertyDescriptors(owner));
  return descriptors
    .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor')
    .map(([name]) => name);
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
