const msPerDay = 86_400_000;

/** RFC 3339 in UTC with milliseconds, from ms since the Unix epoch: what Kubernetes' `Time` accepts. */
export function rfc3339(wallMs: number): string {
  return `${toSeconds(wallMs)}.${pad(modulo(Math.floor(wallMs), 1000), 3)}Z`;
}

/** Whole seconds, as Kubernetes itself writes `Time`. */
export function rfc3339Seconds(wallMs: number): string {
  return `${toSeconds(wallMs)}Z`;
}

/** Kubernetes' `MicroTime`, which insists on six digits. */
export function microTime(wallMs: number): string {
  return `${toSeconds(wallMs)}.${pad(modulo(Math.floor(wallMs), 1000), 3)}000Z`;
}

function toSeconds(wallMs: number): string {
  const days = Math.floor(wallMs / msPerDay);
  const inDay = Math.floor((wallMs - days * msPerDay) / 1000);
  const { year, month, day } = civil(days);
  const time = [Math.floor(inDay / 3600), Math.floor(inDay / 60) % 60, inDay % 60]
    .map((part) => pad(part, 2))
    .join(':');
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${time}`;
}

/** The Gregorian date of a day number since 1970-01-01. http://howardhinnant.github.io/date_algorithms.html#civil_from_days */
function civil(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
