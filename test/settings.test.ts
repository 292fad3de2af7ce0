import assert from 'node:assert/strict';
import { readSettings, type Settings } from '../src/settings.ts';

function metricsOf(text: string | undefined): Settings['metrics'] | readonly string[] {
  const read = readSettings({ MAESTRO_METRICS_ADDRESS: text });
  return read.ok ? read.value.metrics : read.problems;
}

describe('settings', () => {
  it('serve metrics on port 8080 unless told where else, or not at all', () => {
    assert.deepEqual(metricsOf(undefined), { port: 8080 });
    assert.deepEqual(metricsOf(''), { port: 8080 });
    assert.deepEqual(metricsOf(':9090'), { port: 9090 });
    assert.deepEqual(metricsOf('127.0.0.1:0'), { host: '127.0.0.1', port: 0 });
    assert.deepEqual(metricsOf('localhost:65535'), { host: 'localhost', port: 65_535 });
    assert.deepEqual(metricsOf('[::1]:8080'), { host: '::1', port: 8080 });
    assert.equal(metricsOf('off'), undefined);
  });

  it('say what is wrong with an address, by the name of its variable', () => {
    for (const wrong of ['8080', 'Off', ':', ':65536', '::1:8080', 'http://x:80', ':80 80', '[x]:1']) {
      assert.deepEqual(metricsOf(wrong), [
        `MAESTRO_METRICS_ADDRESS: "${wrong}" is no address to listen on; write it like :8080, 127.0.0.1:8080 or [::1]:8080, or off.`,
      ]);
    }
  });

  it('are refused with all that is wrong at once', () => {
    const read = readSettings({ MAESTRO_METRICS_ADDRESS: 'x', MAESTRO_LOG_LEVEL: 'loud', MAESTRO_LEASE: '1s' });
    assert.ok(!read.ok);
    assert.deepEqual(
      read.problems.map((problem) => problem.split(':')[0]),
      ['MAESTRO_LOG_LEVEL', 'MAESTRO_METRICS_ADDRESS', 'MAESTRO_EFFECT_TIMEOUT'],
    );
  });
});
