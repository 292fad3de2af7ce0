import { closeSync, openSync, renameSync, writeSync } from 'node:fs';

/** Appends one JSON document a line, each whole when this returns: what a witness wrote survives its SIGKILL. */
export function appendJsonLines(path: string): (value: unknown) => void {
  const file = openSync(path, 'a');
  return (value) => {
    writeSync(file, `${JSON.stringify(value)}\n`);
  };
}

/** Replaces a file as a whole: a reader or a crash sees the old text or the new one. */
export function replaceFile(path: string, text: string): void {
  const partial = `${path}.partial`;
  const file = openSync(partial, 'w', 0o600);
  try {
    writeSync(file, text);
  } finally {
    closeSync(file);
  }
  renameSync(partial, path);
}
