import assert from 'node:assert/strict';
import { fillIn, objectPath, readCommand } from '../../../src/sandbox/demo/typed-command.ts';

const ANSWERS = { name: 'dana', reason: 'it is lost', stoppedAt: '2026-01-02T03:04:05.678Z', howKnown: 'saw it' };
const NEXT = `kubectl patch drrun checkout-1 -n shop --type=merge -p '{"spec":{"attestations":[{"target":"orders","kind":"Fenced","at":"UTC-TIME-IT-STOPPED","by":"YOUR-NAME","reason":"HOW-YOU-KNOW"}]}}'`;

describe('demo: what the person types', () => {
  it('fills in what next leaves blank, and reads it as kubectl would', () => {
    const command = readCommand(fillIn(NEXT, ANSWERS));
    assert.equal(objectPath(command), '/apis/dr.maestro.io/v1alpha1/namespaces/shop/disasterrecoveryruns/checkout-1');
    assert.deepEqual(command.patch, {
      spec: {
        attestations: [
          { target: 'orders', kind: 'Fenced', at: '2026-01-02T03:04:05.678Z', by: 'dana', reason: 'saw it' },
        ],
      },
    });
  });

  it('types nothing in which a blank is left', () => {
    assert.throws(() => readCommand(NEXT), /UTC-TIME-IT-STOPPED was not filled in/);
  });

  it('reads a quote in the patch as a shell does, and types none that a shell would not take', () => {
    const patch = (reason: string): string => `kubectl patch drrun x -n shop --type=merge -p '{"reason":"${reason}"}'`;
    assert.deepEqual(readCommand(patch(`it isn'\\''t there`)).patch, { reason: "it isn't there" });
    assert.throws(() => readCommand(patch("it isn't there")), /not a command that the person knows/);
  });

  it('types nothing but a merge patch', () => {
    assert.throws(() => readCommand('kubectl delete drrun checkout-1 -n shop'), /not a command that the person knows/);
    assert.throws(() => readCommand(`kubectl patch drrun x -n shop --type=merge -p '[]'`), /no object/);
    assert.throws(() => objectPath({ resource: 'pods', namespace: 'shop', name: 'x' }), /knows no pods/);
  });
});
