import type { ReasonTexts } from './reason-text.ts';

/** What a person asked of a Run and is not done. */
export const words = {
  PastNoReturn: {
    what: 'An abort came after a promotion, or without databases the move of a record, was intended.',
    do: 'Let it finish, then fail back.',
  },
  NothingFenced: {
    what: 'A Run was to be abandoned that can still be taken back.',
    do: 'Set desiredState to Aborted.',
  },
  NotSkippable: {
    what: 'A step was to be skipped that others rest on.',
    do: 'Mend what the step waits for; where nobody can see a fence, a forced Run takes an attestation of it.',
  },
  AlreadyDone: { what: 'A step was to be skipped, or a rebuild tried again, that is done.', do: '' },
  BeingAborted: {
    what: 'A step was to be skipped or tried again, the mode to be set, or a pause to hold, in a Run that is taken back.',
    do: 'Let the abort end, and say it of the next Run.',
  },
  UnknownStep: { what: 'A Run has no step of the name that was given.', do: 'Take the id from its status.' },
  RetriedByItself: { what: 'A retry was asked of a step that is tried again by itself.', do: '' },
  ModeSettled: {
    what: 'A mode was set on a Run that had decided on the other.',
    do: 'Abort the Run, and start again with the mode, as the message says.',
  },
  UnknownTarget: {
    what: 'An attestation names what the Run does not fence.',
    do: 'Take the name from the step that waits.',
  },
  PlannedNeedsProof: {
    what: 'An attestation was given to a planned Run, which rests on what is seen of its source: no word stands for that.',
    do: 'Make the source reachable; or abort the Run, and move as Forced.',
  },
  UnknownGate: {
    what: 'An approval names what is no gate, or one that another word opens.',
    do: 'Type the command that the waiting step shows.',
  },
  GateNotAsked: {
    what: 'An approval names a gate that the Run does not ask for, or not any more.',
    do: 'Wait until a step shows a command for it, if one ever does.',
  },
  RunOver: { what: 'Something was asked of a Run after its end.', do: 'Make another Run if it is still wanted.' },
  UnknownRecord: { what: 'A takeover names a record that the plan has not.', do: 'Take the name from spec.traffic.' },
} as const satisfies ReasonTexts;
