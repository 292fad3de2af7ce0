export type PortFailure = 'Unreachable' | 'Timeout' | 'Malformed' | 'Forbidden' | 'Throttled';

/** A port could not do what was asked. `detail` (= message) holds no secret: it is shown in status and logs. */
export class PortError extends Error {
  readonly why: PortFailure;
  constructor(why: PortFailure, detail: string) {
    super(detail);
    this.name = 'PortError';
    this.why = why;
  }
}
