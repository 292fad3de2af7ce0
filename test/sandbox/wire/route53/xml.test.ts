import assert from 'node:assert/strict';
import fc from 'fast-check';
import { escapeXml, parseXml } from '../../../../src/sandbox/wire/route53/xml.ts';

describe('the XML of Route 53’s messages', () => {
  it('reads elements, attributes past, text with entities', () => {
    assert.deepEqual(
      parseXml('<?xml version="1.0"?>\n<A xmlns="x">\n <B>1 &lt; &#50; &#x33; &amp; &quot;</B>\n <C/>\n</A>\n'),
      {
        name: 'A',
        text: '',
        children: [
          { name: 'B', text: '1 < 2 3 & "', children: [] },
          { name: 'C', text: '', children: [] },
        ],
      },
    );
  });

  it('reads back whatever text was escaped', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.equal(parseXml(`<A>${escapeXml(text)}</A>`).text, text);
      }),
    );
  });

  for (const [why, document] of [
    ['nothing', ''],
    ['text only', 'plain'],
    ['an open end', '<A><B></B>'],
    ['crossed elements', '<A><B></A></B>'],
    ['text beside elements', '<A>x<B/></A>'],
    ['two roots', '<A/><B/>'],
    ['a comment', '<A><!-- x --></A>'],
    ['CDATA', '<A><![CDATA[x]]></A>'],
    ['a DTD', '<!DOCTYPE A><A/>'],
    ['an unknown entity', '<A>&nbsp;</A>'],
    ['a bare ampersand', '<A>a & b</A>'],
  ] as const) {
    it(`refuses ${why}`, () => {
      assert.throws(() => parseXml(document), SyntaxError);
    });
  }
});
