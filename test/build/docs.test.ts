import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { generateDocs } from '../../scripts/generate-docs.ts';

const root = new URL('../../', import.meta.url);

describe('docs', () => {
  it('that are generated are those of the CRDs and of the table of reasons; else run `npm run generate`', async () => {
    for (const [path, text] of Object.entries(await generateDocs())) {
      assert.equal(readFileSync(new URL(path, root), 'utf8'), text, path);
    }
  });

  it('lead to files and headings that exist', () => {
    const broken = globSync(['README.md', 'CONTRIBUTING.md', 'docs/**/*.md'], { cwd: root }).flatMap((file) => {
      const url = new URL(file, root);
      const text = readFileSync(url, 'utf8');
      return [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].flatMap(
        ([, path = '', anchor]) => {
          const target = path === '' ? url : new URL(path, url);
          return leads(target, anchor) ? [] : [`${file}: ${path}${anchor === undefined ? '' : `#${anchor}`}`];
        },
      );
    });
    assert.deepEqual(broken, []);
  });
});

function leads(target: URL, anchor: string | undefined): boolean {
  try {
    if (anchor === undefined) return existsSync(target);
    const text = readFileSync(target, 'utf8');
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => slug(heading));
    return headings.includes(anchor) || text.includes(`id="${anchor}"`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** As GitHub makes it: lower case, spaces to hyphens, punctuation gone. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}
