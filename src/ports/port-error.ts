export type PortFailure = 'Unreachable' | 'Timeout' | 'Malformed' | 'Forbidden' | 'Throttled';

/**
 * A port could not do what was asked. `detail` (= message) holds no secret: it is shown in status and logs. `answered`:
 * somebody did answer there, and was not trusted or refused: it runs, whatever it is.
 */
export class PortError extends Error {
  readonly why: PortFailure;
  readonly answered?: true;
  constructor(why: PortFailure, detail: string, { answered }: { readonly answered?: boolean } = {}) {
    super(detail);
    this.name = 'PortError';
    this.why = why;
    if (answered === true) this.answered = true;
  }
}
