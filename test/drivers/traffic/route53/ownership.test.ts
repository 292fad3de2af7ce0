import assert from 'node:assert/strict';
import { identityHash } from '../../../../src/api/identity.ts';
import {
  ownershipName,
  ownershipText,
  readOwnership,
  unquoted,
} from '../../../../src/drivers/traffic/route53/ownership.ts';

const claim = { identity: 'payments/checkout', epoch: 12, region: 'us-west-2', runUid: 'aa-bb' };

describe('the ownership record', () => {
  it('stands beside the name, a wildcard’s beside its parent', () => {
    assert.equal(ownershipName('Checkout.Example.com.'), '_maestro-dr.checkout.example.com');
    assert.equal(ownershipName('\\052.example.com.'), '_maestro-dr._wildcard.example.com');
    assert.equal(ownershipName('example.com'), '_maestro-dr.example.com');
  });

  it('is refused where its name would pass 255 octets on the wire', () => {
    const label = 'a'.repeat(63);
    const base = [label, label, label].join('.');
    // 12 octets for `_maestro-dr`, 3 x 64 for the labels, 1 for the root: 50 are left for the last label and its length.
    assert.notEqual(ownershipName(`${'b'.repeat(49)}.${base}`), undefined);
    assert.equal(ownershipName(`${'b'.repeat(50)}.${base}`), undefined);
  });

  it('says who, when and where, and no name of anything', () => {
    const text = ownershipText(claim);
    assert.equal(
      text,
      `heritage=maestro-dr,v=1,id=${identityHash(claim.identity)},epoch=12,region=us-west-2,run=aa-bb`,
    );
    assert.match(identityHash(claim.identity), /^[0-9a-f]{16}$/);
    assert.ok(!text.includes('payments'));
  });

  it('is refused where a part could be read as another, or the whole passes 255 octets', () => {
    for (const region of ['us,epoch=99', 'us"west', 'us west', '']) {
      assert.equal(ownershipText({ ...claim, region }), undefined);
    }
    assert.equal(ownershipText({ ...claim, runUid: 'r'.repeat(200) }), undefined);
  });

  it('is read back as it was written, and as nothing else', () => {
    const text = ownershipText(claim) ?? '';
    assert.deepEqual(readOwnership(claim.identity, [text]), {
      kind: 'Mine',
      epoch: 12,
      region: 'us-west-2',
      runUid: 'aa-bb',
    });
    assert.equal(readOwnership('payments/other', [text]).kind, 'Foreign');
    assert.deepEqual(readOwnership(claim.identity, []), { kind: 'Unclaimed' });
    const broken = [[text, text], [`${text},more=1`], [text.replace('v=1', 'v=2')], [text.replace('12', '-1')], ['']];
    for (const texts of broken) {
      assert.equal(readOwnership(claim.identity, texts).kind, 'Conflict', JSON.stringify(texts));
    }
  });

  it('is one text, in however many strings it is listed', () => {
    assert.equal(unquoted('"heritage=" "maestro-dr"'), 'heritage=maestro-dr');
    assert.equal(unquoted('"a\\"b\\052"'), 'a"b*');
    assert.equal(unquoted('plain'), 'plain');
  });
});
