import type { ReasonTexts } from './reason-text.ts';

/** Why a Run was aborted. */
export const aborts = {
  Requested: { what: 'A person asked for it.', do: '' },
  Reverted: { what: 'activeRegion was set back before anything was fenced.', do: '' },
  PlanDeleted: { what: 'The plan was deleted before anything was fenced.', do: '' },
} as const satisfies ReasonTexts;
