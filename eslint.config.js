import { builtinModules } from 'node:module';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/*
 * Who may touch the world. `decide` and everything around it must be replayable in virtual time, so time, randomness,
 * the network and the process come in through src/ports; only the code below `IMPURE` may reach for them itself.
 * Each ban has a fixture in test/lint/fixtures/bans; test/lint/bans.test.ts fails when one is missing.
 */
const IMPURE = ['src/system/**', 'src/sandbox/**', 'src/cli/**', 'test/**', 'scripts/**'];
const MODELS = 'src/sandbox/models/**/*.ts';
const COMPOSITION_ROOT = 'src/main.ts';

const ban = (message, names) => names.map((name) => ({ name, message }));
const BANNED_GLOBALS = [
  ...ban('Time comes in through the Clock port (format and parse it with arithmetic on its milliseconds).', [
    'Date',
    'performance',
  ]),
  ...ban('Wait with clock.sleep(ms, signal), and bound calls with withDeadline.', [
    'setTimeout',
    'setInterval',
    'setImmediate',
    'clearTimeout',
    'clearInterval',
    'clearImmediate',
    'queueMicrotask',
  ]),
  ...ban('The network is reached through the Http, Aws, Sql and Dns ports.', [
    'fetch',
    'WebSocket',
    'EventSource',
    'XMLHttpRequest',
  ]),
  ...ban('Randomness comes in through the Random port; hashes are computed in src/system.', ['crypto']),
  ...ban('Configuration and exit come in through src/config.ts and the Exit port.', ['process']),
  ...ban('Log through the Log port.', ['console']),
  ...ban('Reach nothing through the global object: what is needed comes in as an argument.', ['globalThis', 'global']),
  ...ban('When it fires depends on the garbage collector, so no history could be replayed.', [
    'WeakRef',
    'FinalizationRegistry',
  ]),
  ...ban('Import statically; the operator is one bundle.', ['require', '__dirname', '__filename']),
  ...ban('One thread, one event loop: shared memory and channels cannot be replayed.', [
    'SharedArrayBuffer',
    'Atomics',
    'MessageChannel',
    'BroadcastChannel',
  ]),
];
const BANNED_PROPERTIES = [
  { object: 'Math', property: 'random', message: 'Draw from the Random port, by label.' },
  { object: 'AbortSignal', property: 'timeout', message: 'Bound calls with withDeadline: this one runs on real time.' },
];

const EVERYWHERE = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name, so that one thing has one name.' },
  { selector: 'Decorator', message: 'No decorators: call a function.' },
  {
    selector: 'TSAsExpression > TSAsExpression.expression',
    message: 'Narrow with a check or a type guard, never through a double cast.',
  },
];
const SHIPPED = [
  { selector: 'MetaProperty[meta.name="import"]', message: 'The bundle is CommonJS: there is no import.meta.' },
  {
    selector: ':matches(AwaitExpression, ForOfStatement[await=true]):not(:function *)',
    message: 'The bundle is CommonJS: no top-level await.',
  },
  {
    selector: 'CatchClause > BlockStatement[body.length=0]',
    message: 'A swallowed error: handle it, log it or let it pass.',
  },
  {
    selector:
      'CallExpression[callee.object.name="Promise"][callee.property.name="race"]:has(Identifier[name=/sleep|delay|timeout|deadline|expired/i])',
    message: 'A race with a sleep leaves the loser running: use withDeadline.',
  },
];
const PURE = [
  { selector: 'ImportExpression', message: 'No dynamic import: what a module needs stands at its top.' },
  {
    selector: ':matches(Program, ExportNamedDeclaration) > VariableDeclaration[kind=/^(let|var)$/]',
    message: 'No module-level state: two operators run in one process.',
  },
  {
    selector:
      'NewExpression[callee.name=/^(Map|Set|WeakMap|WeakSet)$/]:not(:function *, PropertyDefinition[static=false] *)',
    message:
      'No module-level collection: two operators run in one process. A table is an object `as const`, a cache belongs to startOperator.',
  },
];

const NODE_IMPORTS = {
  regex: `^(node:|(${builtinModules.filter((name) => !name.startsWith('_')).join('|')})$)`,
  message: 'Only src/system, src/sandbox and src/cli import Node: go through src/ports.',
};
const IO_PACKAGES = {
  regex: '^(pg|undici|winston|dns-packet|@aws-sdk/.*|@smithy/.*|@kubernetes/client-node)(/|$)',
  message: 'Only src/system and src/sandbox call packages that do I/O (types are fine): go through src/ports.',
  allowTypeImports: true,
};
const GLOBAL_STATE_IMPORTS = [
  {
    name: 'prom-client',
    importNames: ['register', 'collectDefaultMetrics'],
    message: 'No default registry: make one for each operator.',
  },
  { name: 'undici', importNames: ['setGlobalDispatcher'], message: 'No global dispatcher: pass one with the request.' },
];

const everyday = {
  eqeqeq: 'error',
  curly: ['error', 'multi-line'],
  'object-shorthand': 'error',
  'prefer-template': 'error',
  'no-eval': 'error',
  'no-new-func': 'error',
  'no-empty': 'error',
  'no-restricted-syntax': ['error', ...EVERYWHERE],
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
  '@typescript-eslint/consistent-type-exports': 'error',
  '@typescript-eslint/ban-ts-comment': [
    'error',
    { 'ts-expect-error': true, 'ts-ignore': true, 'ts-nocheck': true, 'ts-check': true },
  ],
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  '@typescript-eslint/restrict-plus-operands': ['error', { allowNumberAndString: true }],
  '@typescript-eslint/no-confusing-void-expression': [
    'error',
    { ignoreArrowShorthand: true, ignoreVoidOperator: true },
  ],
  '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
  '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
  // Forwarding what was caught, or an AbortSignal's reason, is how cancellation travels.
  '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingAny: true, allowThrowingUnknown: true }],
  '@typescript-eslint/only-throw-error': [
    'error',
    { allowThrowingAny: true, allowThrowingUnknown: false, allowRethrowing: true },
  ],
  // Brackets say that the name comes from the wire or a table, not from a declared shape.
  '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
  // `async` without `await` turns a throw into a rejection, which is what implementing a port asks for.
  '@typescript-eslint/require-await': 'off',
};

const sizes = (lines, perFunction, complexity) => ({
  'max-lines': ['error', { max: lines, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: perFunction, skipBlankLines: true, skipComments: true }],
  complexity: ['error', { max: complexity }],
  'max-depth': ['error', { max: 4 }],
  'max-params': ['error', { max: 6 }],
});

const purity = (globals) => ({
  'no-restricted-globals': ['error', { globals, checkGlobalObject: true }],
  'no-restricted-properties': ['error', ...BANNED_PROPERTIES],
  'no-restricted-syntax': ['error', ...EVERYWHERE, ...SHIPPED, ...PURE],
  '@typescript-eslint/no-restricted-imports': [
    'error',
    { paths: GLOBAL_STATE_IMPORTS, patterns: [NODE_IMPORTS, IO_PACKAGES] },
  ],
});

export default defineConfig(
  {
    ignores: [
      'node_modules',
      'dist',
      'coverage',
      'reports',
      '.stryker-tmp',
      'src/api/generated.ts',
      'test/lint/fixtures',
    ],
  },
  {
    // There is no waiver: a comment that turns a rule off is itself reported.
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: everyday,
  },
  { files: ['src/**/*.ts'], rules: sizes(300, 60, 15) },
  { files: ['test/**/*.ts', 'scripts/**/*.ts'], rules: sizes(500, 250, 20) },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/sandbox/**'],
    rules: {
      'no-restricted-syntax': ['error', ...EVERYWHERE, ...SHIPPED],
      '@typescript-eslint/no-restricted-imports': ['error', { paths: GLOBAL_STATE_IMPORTS }],
    },
  },
  { files: ['src/**/*.ts'], ignores: IMPURE, rules: purity(BANNED_GLOBALS) },
  { files: [MODELS], rules: purity(BANNED_GLOBALS) },
  { files: [COMPOSITION_ROOT], rules: purity(BANNED_GLOBALS.filter(({ name }) => name !== 'process')) },
);
