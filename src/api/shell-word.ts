/** One word of a POSIX shell, whatever is in it: plain where it may be, else in single quotes (POSIX.1-2024, XCU 2.2.2). */
export function shellWord(text: string): string {
  return /^[-A-Za-z0-9_./:=@%+,]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The merge patch in a `kubectl patch … -p '…'` as this program prints it, as JSON text; undefined where there is none. */
export function printedPatch(command: string): string | undefined {
  const quoted = / -p '(.*)'$/s.exec(command)?.[1];
  return quoted?.replaceAll(`'\\''`, "'");
}
