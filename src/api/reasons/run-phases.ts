import type { ReasonTexts } from './reason-text.ts';

/** A Run's phases. */
export const runPhases = {
  Pending: { what: 'Nothing has been decided yet.', do: '' },
  Activation: { what: 'The Run is looking, and waits for what must be decided before anything changes.', do: '' },
  Recovery: { what: 'The Run is moving the platform.', do: '' },
  Reconstitution: { what: 'The platform is moved; what was left behind is cleaned up and protected again.', do: '' },
  Aborting: { what: 'The Run is taking back what it had changed.', do: '' },
  Succeeded: { what: 'The Run has done everything.', do: '' },
  Aborted: {
    what: 'The Run ended before a promotion and took its changes back.',
    do: 'Set activeRegion again to try again.',
  },
  Abandoned: {
    what: 'A person ended the Run where it stood; nothing more is done, and nothing was taken back.',
    do: 'Read its steps: what they had begun is now yours to finish or to undo.',
  },
  Failed: { what: 'The Run ended without reaching its end.', do: 'Read its message and steps.' },
  Superseded: { what: 'Another Run of this plan counts, and this one never acts.', do: '' },
} as const satisfies ReasonTexts;
