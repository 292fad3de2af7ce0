'use strict';
const { reporters, Runner } = require('mocha');

const { Base } = reporters;
const { EVENT_RUN_END, EVENT_TEST_PASS } = Runner.constants;
const SHELF = Symbol.for('maestro-dr.report-tables'); // filled by report-lines.ts

/** The spec reporter in a terminal, and only what failed or was slow elsewhere; closes with `N passed, N failed, N skipped`. */
class ClosingReporter extends Base {
  constructor(runner, options) {
    super(runner, options);
    if (process.stdout.isTTY || process.env.SPEC) {
      this.inner = new reporters.Spec(runner, options);
      this.inner.epilogue = () => {};
    } else {
      this.dots(runner);
    }
    runner.once(EVENT_RUN_END, () => this.close());
  }

  dots(runner) {
    let written = 0;
    runner.on(EVENT_TEST_PASS, () => {
      process.stdout.write('.');
      written += 1;
      if (written % 100 === 0) process.stdout.write('\n');
    });
    runner.on('fail', (test) => process.stdout.write(`\n  FAILED ${test.fullTitle()}\n`));
  }

  close() {
    const { passes, failures, pending, duration } = this.stats;
    console.log('');
    if (failures > 0) Base.list(this.failures);
    for (const [name, text] of globalThis[SHELF] ?? []) console.log(`\n${name}\n${text.trimEnd()}`);
    console.log(`\nin ${Math.round(duration / 1000)} s`);
    console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
  }
}

module.exports = ClosingReporter;
