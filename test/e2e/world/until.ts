const EVERY_MS = 50;
/** Nothing takes so long on a machine that is merely busy. */
const LATE_MS = 60_000;

/** Asks until it throws no more. @throws what it threw last, when that is late. */
export async function until(what: string, holds: () => Promise<void>): Promise<void> {
  const late = Date.now() + LATE_MS;
  for (;;) {
    try {
      await holds();
      return;
    } catch (error) {
      if (Date.now() > late) throw new Error(`not after ${String(LATE_MS / 1_000)} s: ${what}`, { cause: error });
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
