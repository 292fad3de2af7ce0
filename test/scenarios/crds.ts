import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { compileCrd, type CompiledCrd, type JsonObject } from '../../src/sandbox/models/kube-api/index.ts';

const folder = new URL('../../crds/', import.meta.url);

/** The real CRDs, compiled once: compiling is what costs. */
let compiled: readonly CompiledCrd[] | undefined;

export function sharedCrds(): readonly CompiledCrd[] {
  compiled ??= readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => compileCrd(parse(readFileSync(new URL(name, folder), 'utf8')) as JsonObject));
  return compiled;
}
