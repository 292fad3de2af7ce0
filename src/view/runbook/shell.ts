import { shellWord } from '../../api/shell-word.ts';

/**
 * Text for a POSIX shell. Values from a plan are quoted; what only the person's shell knows (the epoch, a position that
 * was read a step before) stands in a text as a marker until the text is put between the shell's own quotes.
 */

/** Where the driver wants a number and the person's shell has it: far above any epoch or process id. */
export const epochMarker = 8_999_999_999_999_991;
export const suspectsMarker = 2_147_483_646;

const opening = '\u0001';
const closing = '\u0002';

/** Stands for `${NAME}` in a text that is still to be quoted. */
export function shellVariable(name: string): string {
  return `${opening}${name}${closing}`;
}

/** `orders` -> `ORDERS`, `billing-worker` -> `BILLING_WORKER`: names in a plan are DNS labels. */
export function variableName(...parts: readonly string[]): string {
  return parts
    .join('_')
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, '_');
}

export const word = shellWord;

/** One word, with its markers as variables. */
export function expanding(text: string): string {
  if (!hasMarker(text)) return word(text);
  return `"${variablesIn(escaped(text).replaceAll('"', String.raw`\"`))}"`;
}

function hasMarker(text: string): boolean {
  return variablesIn(text) !== text;
}

/** A here-document that expands the markers and nothing else (XCU 2.7.4). `after`: the rest of the command's line. */
export function hereDocument(text: string, end: string, after = ''): string {
  const last = endOf(text, end);
  return `<<${last}${after}\n${variablesIn(escaped(text))}\n${last}`;
}

/** A here-document that expands nothing. */
export function verbatim(text: string, end: string): string {
  const last = endOf(text, end);
  return `<<'${last}'\n${text}\n${last}`;
}

/** No line of the text: a plan's words would end the document, and what follows them would be carried out. */
function endOf(text: string, end: string): string {
  const lines = new Set(text.split('\n'));
  let last = end;
  while (lines.has(last)) last += '_';
  return last;
}

/** For within a here-document, or double quotes that hold none. */
export function escaped(text: string): string {
  return text.replaceAll(/[\\$`]/g, String.raw`\$&`);
}

/** Markers become variables; everything else is left as it stands. */
export function variablesIn(text: string): string {
  return text
    .replaceAll(String(epochMarker), '$EPOCH')
    .replaceAll(String(suspectsMarker), '$SUSPECTS')
    .replaceAll(new RegExp(`${opening}([A-Z0-9_]+)${closing}`, 'g'), '$${$1}');
}
