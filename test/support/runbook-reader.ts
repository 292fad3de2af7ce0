/** A runbook as a person reads it: steps under their headings, and blocks of commands with the sentence before them. */

export interface RunbookBlock {
  readonly part: 'Do' | 'Verify' | 'Undo';
  readonly says: string;
  readonly sh: string;
  /** Only if that region answers. */
  readonly onlyIf?: string;
  readonly prints?: string;
  /** What it says to do where it prints something else. */
  readonly otherwise?: readonly string[];
}

export interface RunbookStep {
  readonly id: string;
  readonly blocks: readonly RunbookBlock[];
}

export interface ReadRunbook {
  readonly prepare: readonly RunbookBlock[];
  readonly forward: readonly RunbookStep[];
  readonly prepareBack: readonly RunbookBlock[];
  readonly back: readonly RunbookStep[];
}

export function readRunbook(text: string): ReadRunbook {
  const [there = '', rest = ''] = text.split('\n## Failback Procedures\n');
  const [back = ''] = rest.split('\n## Quarterly DR Drills\n');
  return {
    prepare: preparationOf(there),
    forward: stepsOf(there),
    prepareBack: preparationOf(back),
    back: stepsOf(back),
  };
}

function preparationOf(chapter: string): readonly RunbookBlock[] {
  const [, after = ''] = chapter.split('\n### Prepare\n');
  const [own = ''] = after.split('\n### 1. ');
  return readBlocks(own);
}

function stepsOf(chapter: string): readonly RunbookStep[] {
  const [, ...sections] = chapter.split(/\n#### /);
  return sections.map((section) => {
    const end = section.search(/\n### /);
    const [id = ''] = section.split('\n');
    return { id, blocks: readBlocks(end < 0 ? section : section.slice(0, end)) };
  });
}

const parts = {
  '**Do**': 'Do',
  '**Verify**': 'Verify',
  '**To take it back, before anything is promoted**': 'Undo',
} as const;

function readBlocks(section: string): readonly RunbookBlock[] {
  const blocks: RunbookBlock[] = [];
  const lines = section.split('\n');
  let part: RunbookBlock['part'] = 'Do';
  let says = '';
  let onlyIf: string | undefined;
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const heading = Object.entries(parts).find(([title]) => title === line);
    const condition = /^Only if (\S+) answers:$/.exec(line)?.[1];
    const prints = /^It prints `(.*)`; until then wait, and repeat\.$/.exec(line)?.[1];
    if (heading !== undefined) [, part] = heading;
    else if (condition !== undefined) onlyIf = condition;
    else if (prints !== undefined) {
      const last = blocks.pop();
      if (last !== undefined) blocks.push({ ...last, prints });
    } else if (line.startsWith('*   ') && blocks.length > 0) {
      const last = blocks.pop();
      if (last !== undefined) blocks.push({ ...last, otherwise: [...(last.otherwise ?? []), line.slice(4)] });
    } else if (line === '```sh') {
      const end = lines.indexOf('```', index);
      const sh = lines.slice(index + 1, end).join('\n');
      blocks.push({ part, says, sh, ...(onlyIf === undefined ? {} : { onlyIf }) });
      onlyIf = undefined;
      index = end;
    } else if (line !== '') says = line;
  }
  return blocks;
}
