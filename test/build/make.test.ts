import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { ROOT } from '../../scripts/build.ts';

describe('make', function () {
  this.timeout(60_000);

  it('lists each of its targets when none is named', () => {
    const { status, stdout, stderr } = spawnSync('make', ['-C', ROOT, '--no-print-directory'], {
      encoding: 'utf8',
      timeout: 50_000,
      env: { PATH: process.env.PATH ?? '' },
    });
    assert.equal(status, 0, stderr);
    const phony = /^\.PHONY: (.*)$/m.exec(readFileSync(join(ROOT, 'Makefile'), 'utf8'))?.[1]?.split(' ') ?? [];
    const listed = [...stdout.matchAll(/^ {2}make (\S+) +\S/gm)].map(([, name]) => name);
    assert.ok(listed.length > 8, stdout);
    assert.deepEqual([...listed].sort(), [...phony].sort());
  });

  it('says the remedy when the Node of the dependencies is missing', () => {
    const script = readFileSync(join(ROOT, 'scripts/check-node.cjs'), 'utf8');
    const under = (version: string): readonly unknown[] => {
      const said: unknown[] = [];
      runInNewContext(script, {
        process: {
          version: `v${version}`,
          versions: { node: version },
          execPath: '/usr/bin/node',
          exit: (code: number) => said.push(code),
        },
        console: { error: (text: string) => said.push(text) },
      });
      return said;
    };
    assert.deepEqual(under('24.21.0'), []);
    const [words, code] = under('20.20.2');
    assert.equal(code, 1);
    assert.match(
      String(words),
      /Node 24 .* this is v20\.20\.2 \(\/usr\/bin\/node\).*ignore-scripts false.*make install$/,
    );
  });
});
