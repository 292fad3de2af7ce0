'use strict';
const runtime = require('./.dependency-cruiser.cjs');

/** Borders that not even a type may cross. */
/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const forbidden = [
  {
    name: 'ports-import-ports',
    comment: 'A port is an interface of its own: it speaks of nothing above it.',
    severity: 'error',
    from: { path: '^src/ports/' },
    to: { pathNot: '^src/ports/' },
  },
  {
    name: 'sandbox-stays-outside',
    comment: 'The operator does not know that a sandbox exists.',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/sandbox/' },
    to: { path: '^src/sandbox/' },
  },
  {
    name: 'sandbox-models-import',
    comment: 'A model knows ports, the API and other models, nothing else of the program.',
    severity: 'error',
    from: { path: '^src/sandbox/models/' },
    to: { path: '^src/', pathNot: '^src/(ports|api|sandbox/models)/' },
  },
  {
    name: 'demo-imports-no-operator',
    comment: 'The demo judges the operator: it shares not even its types, nor its ports.',
    severity: 'error',
    from: { path: '^src/sandbox/demo/' },
    to: { path: '^src/', pathNot: '^src/sandbox/' },
  },
];

module.exports = { forbidden, options: { ...runtime.options, tsPreCompilationDeps: true } };
