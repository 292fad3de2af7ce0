import { identityHash } from '../../api/identity.ts';
import type { Hold, Run } from '../../api/run.ts';
import { offersTakeover, ownerOf } from '../../view/person-commands.ts';
import { argument, type CliCommand } from '../command.ts';
import { CliError, exitCodes, refused } from '../exit-codes.ts';
import { byOption, listWith, reasonOption, steering, type Addressed } from '../steering.ts';

export const takeover: CliCommand = steering({
  usage: 'takeover <plan> <record>',
  summary: 'let a run move a record (by its traffic entry) that another plan owns; refused where none waits for it',
  options: [
    { flags: '--from <identity>', says: 'of the plan that owns it, like payments/checkout', required: true },
    reasonOption,
    byOption,
  ],
  doing: (addressed) => {
    const record = recordOf(addressed);
    const { run } = addressed;
    const from = ownerSaid(addressed);
    holdOf(run, record);
    if (run.spec.takeovers.some((one) => one.record === record && one.from === from)) {
      throw refused(`For ${run.name} a takeover of ${record} from ${from} is recorded already.`);
    }
    return `Take ${record} over from ${from} on ${run.name}`;
  },
  also: ({ run, input }) => [holdOf(run, argument(input, 1)).message],
  spec: (addressed) => {
    const { wire, by, input } = addressed;
    const entry = { record: recordOf(addressed), from: ownerSaid(addressed), by, reason: input.text('reason') ?? '' };
    return { takeovers: listWith(wire, 'takeovers', entry, 'record', 'from') };
  },
});

function recordOf({ run, input }: Addressed): string {
  const record = argument(input, 1);
  const known = (run.status.snapshot?.traffic ?? []).map(({ name }) => name);
  if (known.includes(record)) return record;
  const words = known.length === 0 ? 'none' : known.join(', ');
  throw new CliError(exitCodes.notFound, `${run.name} moves no record ${record}; it knows ${words}.`);
}

/** What is recorded stays: a name that was mistyped is told before. */
function ownerSaid({ run, input }: Addressed): string {
  const record = argument(input, 1);
  const from = input.text('from') ?? '';
  const owner = ownerOf(holdOf(run, record));
  if (owner === undefined || owner === identityHash(from)) return from;
  throw refused(
    `--from: ${record} is not owned by "${from}", whose identity hash is ${identityHash(from)}, but by the plan with ${owner}. Say that one's identity (its spec.identity; default: namespace/name).`,
  );
}

function holdOf(run: Run, record: string): Hold {
  const holds = run.status.steps
    .filter(({ subject, outcome }) => subject === record && outcome === undefined)
    .flatMap(({ waitsFor }) => (waitsFor?.reason === 'ForeignOwner' ? [waitsFor] : []));
  const [first] = holds;
  if (first === undefined) throw refused(`${run.name} waits for no takeover of ${record}.`);
  const open = holds.find(offersTakeover);
  if (open === undefined) throw refused(`${first.message} That is no plan: no takeover is heeded there.`);
  return open;
}
