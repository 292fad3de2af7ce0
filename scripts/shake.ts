import { dirname } from 'node:path';
import type { OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild';

const MARK = 'shake: asked by this plugin';
const INSIDE = /[\\/]node_modules[\\/]@kubernetes[\\/]client-node[\\/]/;

/**
 * Of @kubernetes/client-node only what is reached. Its package.json does not say that its modules may be left out, so
 * esbuild keeps the classes of every kind of Kubernetes for the KubeConfig alone: docs/benchmarks.md has what they cost.
 * The one module that is there for what it does, polyfill.js, gives Node 18 a global `File`; Node 24 has one.
 */
export const shakeClientNode: Plugin = {
  name: 'shake @kubernetes/client-node',
  setup(build) {
    build.onResolve({ filter: /^@kubernetes\/client-node$/ }, (asked) => resolved(build, asked));
    build.onResolve({ filter: /^\./ }, (asked) => (INSIDE.test(asked.importer) ? resolved(build, asked) : undefined));
  },
};

/**
 * Of undici what this program and client-node name; another name fails the build. Its index is CommonJS, of which esbuild
 * can leave nothing out: mocks, caches, cookies, WebSockets and a fetch came along for one Pool. client-node's `fetch`
 * is then that of Node.
 */
const UNDICI = `
import Dispatcher from './lib/dispatcher/dispatcher.js';
import api from './lib/api/index.js';
Object.assign(Dispatcher.prototype, api);
export { default as Agent } from './lib/dispatcher/agent.js';
export { default as Pool } from './lib/dispatcher/pool.js';
export { default as ProxyAgent } from './lib/dispatcher/proxy-agent.js';
export { default as buildConnector } from './lib/core/connect.js';
export const { fetch } = globalThis;
`;

export const shakeUndici: Plugin = {
  name: 'shake undici',
  setup(build) {
    build.onLoad({ filter: /[\\/]node_modules[\\/]undici[\\/]index\.js$/ }, ({ path }) => ({
      contents: UNDICI,
      resolveDir: dirname(path),
    }));
  },
};

/** As esbuild itself resolves it, and free to be left out. */
async function resolved(build: PluginBuild, asked: OnResolveArgs): Promise<OnResolveResult | undefined> {
  if (asked.pluginData === MARK) return undefined;
  const { path, importer, namespace, resolveDir, kind, with: attributes } = asked;
  const found = await build.resolve(path, {
    importer,
    namespace,
    resolveDir,
    kind,
    with: attributes,
    pluginData: MARK,
  });
  return { ...found, pluginData: undefined, sideEffects: false };
}
