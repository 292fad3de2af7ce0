import type { Mutant } from '../../scripts/break.ts';

function swap(module: string, name: string, mutant: string): Mutant {
  return { module: `src/${module}.ts`, export: name, mutant: `test/mutants/${mutant}.ts` };
}

/**
 * What `make demo BREAK=<name>` and `node scripts/build.ts --break <name> --outfile <path>` put in the place of one
 * function each. The first six must fail their own invariant in the demo too, and no other; each of the others breaks
 * the invariant that docs/invariants.md names beside it.
 */
export const mutants: Readonly<Record<string, Mutant>> = {
  fence: swap('decide/kinds/fence', 'fence', 'fence'),
  cas: swap('drivers/traffic/route53/change', 'swapOf', 'cas'),
  intent: swap('decide/decide-run', 'decideRun', 'intent'),
  position: swap('decide/kinds/databases', 'position', 'position'),
  'traffic-gate': swap('decide/graph', 'buildGraph', 'traffic-gate'),
  'standing-fence': swap('decide/kinds/fence', 'finishFence', 'standing-fence'),

  'old-epoch': swap('drivers/traffic/route53/ownership', 'ownershipText', 'old-epoch'),
  optimist: swap('decide/measure', 'recoveries', 'optimist'),
  careless: swap('decide/rules/safety', 'dataLoss', 'careless'),
  'stale-look': swap('decide/rules/safety', 'evidenceFresh', 'stale-look'),
  abort: swap('decide/step-pass', 'undoStep', 'abort'),
  quiesce: swap('decide/kinds/workloads', 'quiesce', 'quiesce'),
  restless: swap('drivers/databases/postgresql/observe', 'createPostgresqlObserver', 'restless'),
  endless: swap('decide/kinds/ends', 'soak', 'endless'),
  rivals: swap('decide/intents', 'decideIntent', 'rivals'),
  unpinned: swap('controller/run-facts', 'runFacts', 'unpinned'),
  cooldown: swap('decide/rules/approval', 'cooldown', 'cooldown'),
  observe: swap('decide/pin', 'pinRun', 'observe'),
  queue: swap('kube/queue-runner', 'runQueue', 'queue'),
  'stand-down': swap('decide/kinds/workloads', 'standDown', 'stand-down'),
  deleted: swap('decide/abort', 'abortCause', 'deleted'),
  secrets: swap('drivers/databases/postgresql/failure', 'describeFailure', 'secrets'),
  looks: swap('observe/looks', 'createLooks', 'looks'),
  ready: swap('decide/plan/conditions', 'conditions', 'ready'),
  'out-of-band': swap('decide/plan/out-of-band', 'outOfBand', 'out-of-band'),
  compare: swap('decide/kinds/way-back', 'compare', 'compare'),
  discard: swap('drivers/workloads/job/manifest', 'jobManifest', 'discard'),
  restive: swap('decide/rules/safety', 'paused', 'restive'),
  deaf: swap('decide/steering/skip', 'skipOf', 'deaf'),
  mute: swap('decide/steering/refusals', 'withRefusals', 'mute'),
  unnamed: swap('decide/kinds/preservation', 'rebuilt', 'unnamed'),
};
