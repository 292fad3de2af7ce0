import type { ReasonTexts } from './reason-text.ts';

/** Events alone. */
export const events = {
  Adopted: { what: 'It was seen where the platform is active.', do: '' },
  Moved: { what: 'The platform is active in another region than before.', do: '' },
  RunStarted: { what: 'A change of activeRegion was taken up.', do: '' },
  RunLost: {
    what: 'A Run was deleted while it was under way.',
    do: 'Look where the platform is before moving it again.',
  },
  StepDone: { what: 'A step of a Run is done.', do: '' },
  StepBegun: {
    what: 'The effect of a step was intended for the first time; from now on it may have happened.',
    do: '',
  },
  StepResumed: { what: 'A step that had stopped goes on.', do: '' },
  StepUndoing: { what: 'The effect of a step is being taken back.', do: '' },
  StepUndone: { what: 'The effect of a step was taken back.', do: '' },
  StepDrifted: {
    what: 'What a step had done is no longer so.',
    do: 'Look who has changed it; the Run does not do it again.',
  },
  ModeDecided: { what: 'It was decided whether the source is alive.', do: '' },
  ApprovalHeard: { what: 'A person’s approval was heard; who it was is claimed, not verified.', do: '' },
  RunEnded: { what: 'A Run of the plan is over.', do: 'Read its report.' },
  FenceIncompleteOver: {
    what: 'No fence is owed any more: each is proven, or nobody was overtaken after all.',
    do: '',
  },
  HaltedOver: { what: 'The operator is no longer halted.', do: '' },
  NotificationFailed: {
    what: 'A contact could not be told.',
    do: 'Mend the contact’s Secret or its receiver, as the message says; look at the plan and its Runs meanwhile.',
  },
} as const satisfies ReasonTexts;
