import assert from 'node:assert/strict';
import { readRecord } from '../../../../src/drivers/traffic/route53/listing.ts';
import { ownershipName } from '../../../../src/drivers/traffic/route53/ownership.ts';
import type { AwsRequest } from '../../../../src/ports/aws.ts';
import { refOf } from '../../../contract/traffic-world.ts';

const textSet = (name: string) => ({ Name: `${name}.`, Type: 'TXT', TTL: 30, ResourceRecords: [{ Value: '"x"' }] });
const others = Array.from({ length: 60 }, (_, index) => textSet(`z${String(index)}.example.com`));

/** The zone as a list of pages that are answered in this order; returns what was asked. */
function readerOf(recordName: string, pages: readonly (readonly unknown[])[]) {
  const asked: AwsRequest['input'][] = [];
  const aws = {
    send: ({ input }: AwsRequest): Promise<Record<string, unknown>> => {
      const sets = pages[asked.length] ?? [];
      asked.push(input);
      return Promise.resolve({ ResourceRecordSets: sets, IsTruncated: true });
    },
  };
  const ref = refOf({ recordName });
  return { asked, reader: { aws, ref, signal: new AbortController().signal } };
}

const nameOf = (recordName: string): string => {
  const name = ownershipName(recordName);
  assert.ok(name !== undefined);
  return name;
};

describe('reading a record and its ownership', () => {
  it('asks once where the page goes on behind all that could be its ownership', async () => {
    const name = 'shop.example.com';
    const { asked, reader } = readerOf(name, [[textSet(name), textSet(`a.${name}`), ...others.slice(0, 48)]]);
    const found = await readRecord(reader, nameOf(name));
    assert.equal(asked.length, 1, 'an account takes five requests a second, and a thousand plans begin together');
    assert.equal(found.ownership, undefined);
    assert.equal(found.atName.length, 1);
  });

  it('asks for the ownership where the page ends among the names below the record', async () => {
    const name = 'shop.example.com';
    const below = Array.from({ length: 49 }, (_, index) => textSet(`a${String(index)}.${name}`));
    const page = [textSet(name), ...below];
    const { asked, reader } = readerOf(name, [page, [textSet(nameOf(name))], page]);
    const found = await readRecord(reader, nameOf(name));
    assert.deepEqual(
      asked.map(({ StartRecordName }) => StartRecordName),
      [name, nameOf(name), name],
    );
    assert.notEqual(found.ownership, undefined);
  });

  it("asks for a wildcard's ownership, which lies beside it", async () => {
    const name = '*.example.com';
    const { asked, reader } = readerOf(name, [[textSet(name), ...others.slice(0, 49)], [textSet(nameOf(name))], []]);
    const found = await readRecord(reader, nameOf(name));
    assert.equal(asked.length, 3);
    assert.notEqual(found.ownership, undefined);
  });
});
