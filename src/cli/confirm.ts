import type { Input, OptionSpec } from './command.ts';
import { CliError, exitCodes } from './exit-codes.ts';
import type { Host } from './host.ts';

export const yesOption: OptionSpec = Object.freeze({
  flags: '--yes',
  says: 'do not ask for confirmation: for scripts',
});

/** What a person is about to do, and to what. */
export interface Intention {
  /** `Approve ApprovalRequired on checkout-1` */
  readonly doing: string;
  readonly plan: string;
  readonly from: string;
  readonly to: string;
  readonly loss: readonly string[];
  /** What else they should read first. */
  readonly also?: readonly string[];
}

/** Asks for the plan's name and the region to be typed, so that no habit answers. @throws CliError where it is not. */
export async function confirm(host: Host, input: Input, intention: Intention): Promise<void> {
  const { doing, plan, from, to, loss, also = [] } = intention;
  const rows = [
    `  plan  ${plan}`,
    `  from  ${from}`,
    `  to    ${to}`,
    ...(loss.length === 0 ? ['  loss  no database in this plan'] : loss.map((words) => `  loss  ${words}`)),
    ...also.map((words) => `  ${words}`),
  ];
  host.err(`${doing}\n${rows.join('\n')}\n`);
  if (input.flag('yes')) return;
  if (!host.interactive) {
    throw new CliError(exitCodes.unconfirmed, 'Nobody can be asked here: say --yes, or type it at a terminal.');
  }
  const wanted = `${plan.split('/').at(-1) ?? plan} ${to}`;
  const typed = await host.ask(`Type "${wanted}" to go on: `);
  if (typed.trim() !== wanted) throw new CliError(exitCodes.unconfirmed, 'Not confirmed; nothing was changed.');
}
