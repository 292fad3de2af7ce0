import type { ModelTime } from '../time.ts';

/** A request as a receiver of messages sees it. */
export interface ReceiverRequest {
  readonly method: string;
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `Silence`: the connection stays open and nothing comes. */
export type ReceiverReply =
  { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string } | 'Silence';

/** What it does with what comes: its own work, nothing at all, or a failure before it looks at it. */
export type Behaviour =
  | { readonly do: 'Work' }
  | { readonly do: 'Hang' }
  /** Takes it in and keeps the answer to itself: a lost reply. */
  | { readonly do: 'TakeAndHang' }
  | { readonly do: 'Fail'; readonly status: number; readonly retryAfter?: string };

/** A message that was taken. `at`: wall ms by the receiver's clock. */
export interface Taken<T> {
  readonly at: number;
  readonly message: T;
}

export interface Receiver<T> {
  handle(request: ReceiverRequest): ReceiverReply;
  behave(how: Behaviour): void;
  readonly taken: readonly Taken<T>[];
  /** When each request came, whatever became of it. */
  readonly asked: readonly number[];
  /** What it refused, and why. */
  readonly refused: readonly string[];
}

/** What a kind of receiver makes of a request that it looks at. */
export type Judged<T> =
  | { readonly kind: 'Take'; readonly message: T; readonly reply: ReceiverReply }
  /** It had it already: answered like the first time, and not taken again. */
  | { readonly kind: 'Had'; readonly reply: ReceiverReply }
  | { readonly kind: 'Refuse'; readonly why: string; readonly reply: ReceiverReply };

export function createReceiver<T>(time: ModelTime, judge: (request: ReceiverRequest) => Judged<T>): Receiver<T> {
  let behaviour: Behaviour = { do: 'Work' };
  const taken: Taken<T>[] = [];
  const asked: number[] = [];
  const refused: string[] = [];
  const work = (request: ReceiverRequest): ReceiverReply => {
    const judged = judge(request);
    if (judged.kind === 'Take') taken.push({ at: time.now(), message: judged.message });
    if (judged.kind === 'Refuse') refused.push(judged.why);
    return judged.reply;
  };
  return {
    taken,
    asked,
    refused,
    behave: (how) => {
      behaviour = how;
    },
    handle(request) {
      asked.push(time.now());
      switch (behaviour.do) {
        case 'Work':
          return work(request);
        case 'Hang':
          return 'Silence';
        case 'TakeAndHang':
          work(request);
          return 'Silence';
        case 'Fail': {
          const { status, retryAfter } = behaviour;
          return {
            status,
            body: 'no',
            ...(retryAfter === undefined ? {} : { headers: { 'retry-after': retryAfter } }),
          };
        }
      }
    },
  };
}
