import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join, normalize, sep } from 'node:path';

const BLOCK = 512;

interface Entry {
  readonly file: number | undefined;
  left: number;
  padding: number;
}

export interface TarWriter {
  readonly write: (chunk: Buffer) => void;
  /** @throws Error when the stream stopped in the middle. */
  readonly finish: () => void;
}

/**
 * Unpacks a tar stream (POSIX ustar, as PostgreSQL writes it) into `folder` as it comes. Synchronous: the chunks are
 * borrowed, and nothing is read from the network that was not written yet.
 */
export function createTarWriter(folder: string): TarWriter {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let header = Buffer.alloc(0);
  let entry: Entry | undefined;
  let entries = 0;

  const body = (current: Entry, chunk: Buffer): Buffer => {
    const size = Math.min(current.left, chunk.length);
    if (size > 0 && current.file !== undefined) writeFully(current.file, chunk.subarray(0, size));
    current.left -= size;
    const padding = current.left === 0 ? Math.min(current.padding, chunk.length - size) : 0;
    current.padding -= padding;
    return chunk.subarray(size + padding);
  };
  const close = (): void => {
    if (entry?.file !== undefined) closeSync(entry.file);
    entry = undefined;
  };
  return {
    write: (chunk) => {
      let rest = chunk;
      while (rest.length > 0) {
        if (entry !== undefined) {
          rest = body(entry, rest);
        } else {
          const size = Math.min(BLOCK - header.length, rest.length);
          header = Buffer.concat([header, rest.subarray(0, size)]);
          rest = rest.subarray(size);
          if (header.length < BLOCK) continue;
          // Blocks of zeros end an archive.
          if (header.some((byte) => byte !== 0)) {
            entry = begin(folder, header);
            entries++;
          }
          header = Buffer.alloc(0);
        }
        if (entry?.left === 0 && entry.padding === 0) close();
      }
    },
    finish: () => {
      const whole = entry === undefined && header.length === 0;
      close();
      if (!whole || entries === 0) throw new Error('The base copy ended in the middle of a file.');
    },
  };
}

function begin(folder: string, header: Buffer): Entry {
  const prefix = text(header, 345, 155);
  const name = normalize(prefix === '' ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`);
  if (name.startsWith('/') || name.split(sep).includes('..')) {
    throw new Error(`The base copy holds a file outside its folder: ${name}`);
  }
  const size = Number.parseInt(text(header, 124, 12), 8);
  const path = join(folder, name);
  const type = text(header, 156, 1);
  if (type === '5') {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return { file: undefined, left: 0, padding: 0 };
  }
  if (type !== '0' && type !== '') {
    throw new Error(`The base copy holds ${name} of type ${type}: files and folders only.`);
  }
  return { file: openSync(path, 'w', 0o600), left: size, padding: (BLOCK - (size % BLOCK)) % BLOCK };
}

function text(header: Buffer, offset: number, length: number): string {
  const field = header.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return field
    .subarray(0, end < 0 ? length : end)
    .toString()
    .trim();
}

function writeFully(file: number, chunk: Buffer): void {
  for (let written = 0; written < chunk.length;) written += writeSync(file, chunk, written);
}
