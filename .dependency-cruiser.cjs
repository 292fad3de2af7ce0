'use strict';
const { builtinModules } = require('node:module');

/*
 * The layers, as what runs sees them: `import type` is erased first, so a type may come from anywhere.
 * .dependency-cruiser.types.cjs adds the borders that types may not cross either.
 * Each rule has its offender in test/lint/fixtures/layers.
 */
const CORE = `^(node:)?(${builtinModules.filter((name) => !name.startsWith('_')).join('|')})$`;
const PACKAGES = '(^|/)node_modules/';
/** The packages that neither do I/O nor hold state, so that the pure core may call them. */
const PURE_PACKAGES = '(^|/)node_modules/(yaml|ajv|croner|@marcbachmann/cel-js|@noble/hashes)/';
const ACTUATORS = '^src/drivers/.+/act(\\.ts$|/)';

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const forbidden = [
  {
    name: 'no-cycles',
    comment: 'Two modules that need each other are one, or want a third.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-unresolvable',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true, pathNot: '^node:' },
  },
  {
    name: 'pure-core-no-system',
    comment: 'decide, api and view must replay in virtual time: they reach no code that touches the world.',
    severity: 'error',
    from: { path: '^src/(decide|api|view)/' },
    to: { path: '^src/system/', reachable: true },
  },
  {
    name: 'pure-core-no-node',
    severity: 'error',
    from: { path: '^src/(decide|api|view)/' },
    to: { path: CORE, reachable: true },
  },
  {
    name: 'pure-core-no-io-packages',
    comment: 'A package that is pure is added to PURE_PACKAGES, with a look at its imports.',
    severity: 'error',
    from: { path: '^src/(decide|api|view)/' },
    to: { path: PACKAGES, pathNot: PURE_PACKAGES, reachable: true },
  },
  {
    name: 'actuators-only-from-act',
    comment: 'Only act/ (and the maps and the composition root that hand them to it) imports what mutates.',
    severity: 'error',
    from: {
      path: '^src/',
      pathNot: [
        '^src/act/',
        '^src/drivers/index\\.ts$',
        '^src/drivers/[^/]+/index\\.ts$',
        '^src/drivers/[^/]+/[^/]+/',
        '^src/operator\\.ts$',
      ],
    },
    to: { path: ACTUATORS },
  },
  {
    name: 'actuators-of-another-driver',
    severity: 'error',
    from: { path: '^src/drivers/([^/]+)/([^/]+)/' },
    to: { path: ACTUATORS, pathNot: '^src/drivers/$1/$2/' },
  },
  {
    name: 'observing-never-acts',
    comment: 'What observes, decides or records must not be able to mutate: no path from it to act/ or to an actuator.',
    severity: 'error',
    from: { path: ['^src/(observe|decide|api|view|record|ports|kube|aws)/', '^src/drivers/.+/observe(\\.ts$|/)'] },
    to: { path: ['^src/act/', ACTUATORS], reachable: true },
  },
  {
    name: 'shipped-no-test',
    comment: 'What ships needs neither tests nor scripts.',
    severity: 'error',
    from: { path: '^src/' },
    to: { path: '^(test|scripts)/' },
  },
  {
    name: 'shipped-no-dev-packages',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/sandbox/' },
    to: { dependencyTypes: ['npm-dev'] },
  },
  {
    name: 'sandbox-models-are-pure',
    comment: 'A model serves the simulation and the wire alike: it reaches no wire, no Node and no system.',
    severity: 'error',
    from: { path: '^src/sandbox/models/' },
    to: { path: ['^src/(?!(ports|api|sandbox/models)/)', CORE], reachable: true },
  },
  {
    name: 'demo-reaches-no-operator',
    comment: 'The demo is an independent witness: nothing of the operator may run inside it.',
    severity: 'error',
    from: { path: '^src/sandbox/demo/' },
    to: { path: '^src/', pathNot: '^src/sandbox/', reachable: true },
  },
];

module.exports = {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(test/lint/fixtures|dist)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
