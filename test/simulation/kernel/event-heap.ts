/** One thing that happens at one instant. `index` is the heap's own: where the event stands, -1 once it is out. */
export interface HeapEvent {
  /** Virtual ms since the beginning. */
  readonly at: number;
  /** Events of one instant happen in the order in which they were scheduled. */
  readonly sequence: number;
  readonly run: () => void;
  index: number;
}

export interface EventHeap {
  push(event: HeapEvent): void;
  /** Takes the earliest event out. */
  pop(): HeapEvent | undefined;
  peek(): HeapEvent | undefined;
  /** False where it was not in. */
  remove(event: HeapEvent): boolean;
  size(): number;
}

/**
 * A binary heap whose events know their place: nearly every deadline is cancelled, so leaving the cancelled ones in until
 * their time came would make it many times as large as what is pending.
 */
export function createEventHeap(): EventHeap {
  const events: HeapEvent[] = [];
  const place = (event: HeapEvent, index: number): void => {
    events[index] = event;
    event.index = index;
  };
  const rise = (event: HeapEvent, from: number): void => {
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = events[parentIndex];
      if (parent === undefined || !isBefore(event, parent)) break;
      place(parent, index);
      index = parentIndex;
    }
    place(event, index);
  };
  const sink = (event: HeapEvent, from: number): void => {
    let index = from;
    for (;;) {
      const left = events[2 * index + 1];
      const right = events[2 * index + 2];
      const child = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || !isBefore(child, event)) break;
      const childIndex = child.index;
      place(child, index);
      index = childIndex;
    }
    place(event, index);
  };
  const remove = (event: HeapEvent): boolean => {
    const { index } = event;
    if (index < 0) return false;
    const last = events.pop();
    if (last !== undefined && last !== event) {
      // It may belong higher or lower than the place that became free.
      rise(last, index);
      sink(last, last.index);
    }
    event.index = -1;
    return true;
  };
  return {
    push: (event) => {
      events.push(event);
      rise(event, events.length - 1);
    },
    pop: () => {
      const first = events[0];
      if (first !== undefined) remove(first);
      return first;
    },
    peek: () => events[0],
    remove,
    size: () => events.length,
  };
}

function isBefore(a: HeapEvent, b: HeapEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}
