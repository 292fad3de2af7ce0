import type { Delivery, NotifierOptions } from './driver.ts';

export type Found =
  | { readonly kind: 'Found'; readonly data: Readonly<Record<string, string>> }
  | { readonly kind: 'Not'; readonly delivery: Delivery };

/** The keys of a channel's Secret, each not empty. What a key holds is in no message. */
export async function readKeys(
  options: NotifierOptions,
  namespace: string,
  name: string,
  keys: readonly string[],
): Promise<Found> {
  let data: Readonly<Record<string, string>>;
  try {
    data = await options.secrets(namespace, name);
  } catch (error) {
    // Names the Secret and what the API server said of it, nothing that it holds.
    const why = `Secret ${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return { kind: 'Not', delivery: { kind: 'Again', why } };
  }
  const missing = keys.find((key) => (data[key]?.trim() ?? '') === '');
  if (missing === undefined) return { kind: 'Found', data };
  return { kind: 'Not', delivery: { kind: 'Refused', why: `Secret ${name} has no ${missing}` } };
}
