const msPerDay = 86_400_000;

/** 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: what four digits of a year can say. */
const earliestMs = -62_167_219_200_000;
const latestMs = 253_402_300_799_999;

/**
 * RFC 3339 in UTC with milliseconds, from ms since the Unix epoch: `2026-03-01T09:30:00.250Z`. A fraction of a
 * millisecond is dropped.
 * @throws RangeError outside the years 0000 to 9999.
 */
export function formatTime(wallMs: number): string {
  if (!(wallMs >= earliestMs && wallMs <= latestMs)) {
    throw new RangeError(`${String(wallMs)} is not a time in ms that RFC 3339 can say`);
  }
  const whole = Math.floor(wallMs);
  const days = Math.floor(whole / msPerDay);
  const inDay = whole - days * msPerDay;
  const { year, month, day } = civilFromDays(days);
  const seconds = Math.floor(inDay / 1000);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((n) => pad(n, 2));
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${clock.join(':')}.${pad(inDay % 1000, 3)}Z`;
}

/**
 * As in the CRD, whose `format: date-time` lets more pass than RFC 3339: one text for both, so that nothing is stored
 * that cannot be read. A comma before the fraction is ISO 8601's, and what `date -Ins` and log4j write.
 */
export const timePattern =
  '^([0-9]{4})-([0-9]{2})-([0-9]{2})T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)(?:[.,]([0-9]+))?(?:Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))$';
/** Small letters are read, for RFC 3339 allows them; the CRD does not, for the API server's CEL cannot read them. */
const written = new RegExp(timePattern, 'i');

/**
 * ms since the Unix epoch; undefined where the text is no RFC 3339 date-time (the offset is part of it). Digits beyond
 * the millisecond are dropped; a leap second counts as the first of the next minute. What an offset carries out of the
 * years 0000 to 9999 counts as their end, for it has to be written again.
 */
export function parseTime(text: string): number | undefined {
  const match = written.exec(text);
  if (match === null) return undefined;
  const part = (index: number): number => Number(match[index] ?? '0');
  const [year, month, day] = [part(1), part(2), part(3)];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  const [hour, minute, second] = [part(4), part(5), part(6)];
  const fraction = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const offset = (part(9) * 60 + part(10)) * 60_000 * (match[8] === '-' ? -1 : 1);
  const inDay = ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
  const wall = daysFromCivil(year, month, day) * msPerDay + inDay - offset;
  return Math.min(Math.max(wall, earliestMs), latestMs);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Both ways between a Gregorian date and its day number since 1970-01-01: http://howardhinnant.github.io/date_algorithms.html */
function civilFromDays(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
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

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
