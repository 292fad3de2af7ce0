/**
 * RFC 3339 without `Date`, which models must not use. The civil calendar is Howard Hinnant's algorithm
 * (https://howardhinnant.github.io/date_algorithms.html).
 */
const DAY = 86_400_000;
const PATTERN = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function civil(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
  const day = dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

function daysFromCivil(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function secondsText(ms: number): string {
  const days = Math.floor(ms / DAY);
  const rest = Math.floor((ms - days * DAY) / 1000);
  const { year, month, day } = civil(days);
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map((part) => pad(part, 2)).join(':');
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${clock}`;
}

/** metav1.Time: whole seconds. `ms` since the Unix epoch. */
export function timestamp(ms: number): string {
  return `${secondsText(ms)}Z`;
}

/** metav1.MicroTime. */
export function microTimestamp(ms: number): string {
  return `${secondsText(ms)}.${pad(((Math.floor(ms) % 1000) + 1000) % 1000, 3)}000Z`;
}

/** Milliseconds since the Unix epoch, or undefined where the text is not RFC 3339. */
export function parseTimestamp(text: string): number | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const days = daysFromCivil(year, month, day);
  const date = civil(days);
  if (date.day !== day || date.month !== month) return undefined;
  const fraction = Math.floor(Number(`0${match[7] ?? ''}`) * 1000);
  const minutes = hour * 60 + minute - offsetMinutes(match[8] ?? 'Z');
  return days * DAY + (minutes * 60 + second) * 1000 + fraction;
}

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d([^\n]\d+)?(z|[+-]\d\d:\d\d)$/u;

/**
 * `format: date-time` as the API server checks it (kube-openapi, strfmt/time.go), which lets more pass than can be read:
 * its dot before the fraction is any character, no offset is too large, and what follows a second T is not looked at.
 */
export function isDateTime(text: string): boolean {
  const [date = '', clock = ''] = text.toLowerCase().split('t');
  return isDate(date) && CLOCK.test(clock);
}

export function isDate(text: string): boolean {
  return parseTimestamp(`${text}T00:00:00Z`) !== undefined;
}

function offsetMinutes(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return zone.startsWith('-') ? -minutes : minutes;
}

/** How kubectl shows an age: `5s`, `3m20s`, `5m`, `2h5m`, `3d4h` (k8s.io/apimachinery duration.HumanDuration). */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 60 * 2) return `${String(seconds)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return pair(minutes, 'm', seconds % 60, 's');
  if (minutes < 60 * 3) return `${String(minutes)}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return pair(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${String(hours)}h`;
  const days = Math.floor(hours / 24);
  if (hours < 192) return pair(days, 'd', hours % 24, 'h');
  if (days < 365 * 2) return `${String(days)}d`;
  const years = Math.floor(days / 365);
  return years < 8 ? pair(years, 'y', days % 365, 'd') : `${String(years)}y`;
}

function pair(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${String(big)}${bigUnit}` : `${String(big)}${bigUnit}${String(small)}${smallUnit}`;
}
