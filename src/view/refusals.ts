import { isObject, reader, type Problem } from '../api/reader.ts';

/** A request of a person's that the run would not carry out, and why. Wall time as it was written. */
export interface Refusal {
  readonly request: string;
  readonly reason: string;
  readonly message: string;
  readonly at: string;
}

/** `status.refusals` of a Run as it is on the wire. An entry that is not one is left out: it is for reading alone. */
export function refusalsOf(run: unknown): readonly Refusal[] {
  const status = isObject(run) ? run['status'] : undefined;
  if (!isObject(status)) return [];
  const problems: Problem[] = [];
  return reader(status, 'status', problems)
    .objects('refusals')
    .flatMap((entry) => {
      const text = (key: keyof Refusal): string | undefined => {
        const found = entry.raw(key);
        return typeof found === 'string' ? found : undefined;
      };
      const [request, reason, message, at] = [text('request'), text('reason'), text('message'), text('at')];
      const whole = request !== undefined && reason !== undefined && message !== undefined && at !== undefined;
      return whole ? [{ request, reason, message, at }] : [];
    });
}
