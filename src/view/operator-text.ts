import type { LeaseView, OperatorView } from './operator.ts';
import type { Paint } from './paint.ts';
import { span } from './words.ts';

/** How the operator is: one faint line where somebody leads, and what stands above all else where not. */
export function operatorLines(view: OperatorView, paint: Paint): readonly string[] {
  const seen = view.leases.map((lease) => leaseWords(lease)).join('; ');
  switch (view.state) {
    case 'Leading': {
      const leading = view.leases.filter(({ state }) => state === 'Renewed').length;
      if (leading === 1) return [paint('faint', `Operator: ${seen}.`)];
      return [`${paint('waits', `${String(leading)} operators lead beside each other`)}: ${seen}.`];
    }
    case 'Absent':
      return [
        `${paint('bad', 'No operator')}: ${seen}. What follows is as it was left.`,
        ...view.commands.map((command, index) => `  ${index === 0 ? 'type' : 'or  '}  ${command}`),
      ];
    case 'Unknown': {
      const none = 'no namespace has its Lease; either none has led in this cluster, or the Lease was deleted';
      const why = view.why ?? (seen === '' ? none : seen);
      return [`${paint('waits', 'Whether an operator is there cannot be told')}: ${why.replace(/\.?$/, '.')}`];
    }
  }
}

function leaseWords({ namespace, name, holder = 'nobody', state, renewedMs, durationMs }: LeaseView): string {
  const lease = `the Lease ${namespace}/${name}`;
  switch (state) {
    case 'Renewed':
      return `${lease} was renewed ${span(renewedMs ?? 0)} ago by ${holder}`;
    case 'Silent':
      return `${lease}, which is good for ${span(durationMs ?? 0)}, was last renewed ${span(renewedMs ?? 0)} ago by ${holder}`;
    case 'Released':
      return `${lease} was given up${renewedMs === undefined ? '' : `, and last written ${span(renewedMs)} ago`}`;
    case 'Unknown':
      return renewedMs !== undefined && renewedMs < 0
        ? `${lease}, held by ${holder}, bears a time that is ${span(-renewedMs)} ahead of the API server's`
        : `when ${lease}, held by ${holder}, was last renewed`;
  }
}
