import type { ReasonTexts } from './reason-text.ts';

/** What a person asked of a Run and is not done. */
export const words = {
  PastNoReturn: { what: 'An abort came after a promotion was intended.', do: 'Let it finish, then fail back.' },
  NothingFenced: {
    what: 'A Run was to be abandoned that can still be taken back.',
    do: 'Set desiredState to Aborted.',
  },
  NotSkippable: { what: 'A step was to be skipped that others rest on.', do: 'Mend what the step waits for.' },
  AlreadyDone: { what: 'A step was to be skipped that is done.', do: '' },
  UnknownStep: { what: 'A Run has no step of the name that was given.', do: 'Take the id from its status.' },
  RetriedByItself: { what: 'A retry was asked of a step that is tried again by itself.', do: '' },
  RunOver: { what: 'Something was asked of a Run after its end.', do: 'Make another Run if it is still wanted.' },
  UnknownRecord: { what: 'A takeover names a record that the plan has not.', do: 'Take the name from spec.traffic.' },
} as const satisfies ReasonTexts;
