/** Which plans have a Run under way that still moves something: how many may at once is the operator's to bound. */
export interface RunSlots {
  /** Set as soon as it is decided, before anything is awaited: two plans decided at one time must see each other. */
  note(planUid: string, moving: boolean): void;
  elsewhere(planUid: string): number;
}

export function createRunSlots(): RunSlots {
  const moving = new Set<string>();
  return {
    note(planUid, isMoving) {
      if (isMoving) moving.add(planUid);
      else moving.delete(planUid);
    },
    elsewhere: (planUid) => moving.size - (moving.has(planUid) ? 1 : 0),
  };
}
