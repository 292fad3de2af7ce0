import { promtool, rulesText } from '../monitoring/promtool.ts';
import { readMonitoring } from '../monitoring/rules.ts';

describe('alert rules', function () {
  this.timeout(60_000);

  it('are rules to Prometheus', () => {
    promtool(['check', 'rules', 'rules.yaml'], { 'rules.yaml': rulesText() });
  });

  it('say what they should, firing and not firing', () => {
    promtool(['test', 'rules', 'test.yaml'], {
      'rules.yaml': rulesText(),
      'test.yaml': readMonitoring('prometheusrule.test.yaml'),
    });
  });
});
