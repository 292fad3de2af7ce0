/**
 * The five fields of a CronJob's schedule, in UTC, without `Date`, which models must not use: lists, ranges, steps and
 * `*` of numbers, and the macros (robfig/cron v3, which the real controller parses with). Names of months and days, and
 * `spec.timeZone`, are not read: such a CronJob never runs here.
 */
export interface CronSchedule {
  /** The first minute after `ms` (ms since the Unix epoch) that it names; undefined where there is none in eight years. */
  next(ms: number): number | undefined;
}

const MINUTE = 60_000;
const DAY = 86_400_000;
/** February 29 comes at most eight years after the last one. */
const FARTHEST_DAYS = 8 * 366;

const MACROS: Readonly<Record<string, string>> = Object.freeze({
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
});

const BOUNDS = Object.freeze([
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const);

/** @returns undefined where it is no schedule. */
export function parseSchedule(text: string): CronSchedule | undefined {
  const fields = (MACROS[text.trim()] ?? text.trim()).split(/\s+/);
  const sets = BOUNDS.map(([min, max], index) => numbersOf(fields[index] ?? '', min, max));
  const [minutes, hours, days, months, weekdays] = sets;
  if (fields.length !== BOUNDS.length || minutes === undefined || hours === undefined) return undefined;
  if (days === undefined || months === undefined || weekdays === undefined) return undefined;
  const free = (index: number): boolean => fields[index]?.startsWith('*') === true;
  // Both restricted: either will do. One of them free: the other decides.
  const onDay = (day: number, weekday: number): boolean => {
    const byDate = days.includes(day);
    const byWeekday = weekdays.includes(weekday) || (weekday === 0 && weekdays.includes(7));
    return free(2) || free(4) ? byDate && byWeekday : byDate || byWeekday;
  };
  const times = hours.flatMap((hour) => minutes.map((minute) => (hour * 60 + minute) * MINUTE));
  return {
    next: (ms) => {
      const from = (Math.floor(ms / MINUTE) + 1) * MINUTE;
      const today = Math.floor(from / DAY);
      for (let day = today; day < today + FARTHEST_DAYS; day += 1) {
        const date = civilOf(day);
        if (!months.includes(date.month) || !onDay(date.day, (day + 4) % 7)) continue;
        const time = times.find((one) => day * DAY + one >= from);
        if (time !== undefined) return day * DAY + time;
      }
      return undefined;
    },
  };
}

function numbersOf(field: string, min: number, max: number): readonly number[] | undefined {
  const parts = field.split(',').map((part) => rangeOf(part, min, max));
  return parts.some((part) => part === undefined)
    ? undefined
    : [...new Set(parts.flatMap((part) => part ?? []))].sort((a, b) => a - b);
}

/** `*`, `7`, `1-5`, each with a step `/2`. */
function rangeOf(part: string, min: number, max: number): readonly number[] | undefined {
  const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
  if (match === null) return undefined;
  const [, low, high, step] = match;
  const from = low === undefined ? min : Number(low);
  const single = low !== undefined && high === undefined && step === undefined;
  const to = high === undefined ? (single ? from : max) : Number(high);
  const by = step === undefined ? 1 : Number(step);
  if (from < min || to > max || from > to || by < 1) return undefined;
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => from + index * by);
}

/** http://howardhinnant.github.io/date_algorithms.html#civil_from_days */
function civilOf(days: number): { readonly month: number; readonly day: number } {
  const shifted = days + 719_468;
  const dayOfEra = shifted - Math.floor(shifted / 146_097) * 146_097;
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  return {
    month: fromMarch < 10 ? fromMarch + 3 : fromMarch - 9,
    day: dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1,
  };
}
