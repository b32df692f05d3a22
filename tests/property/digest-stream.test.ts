import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DigestStream } from '#src/platform/digest-stream.js';

/** The stream's own definition: a text is its length in bytes, then its UTF-8, padded with zeros to a whole double. */
function encoded(items: readonly (string | number)[]): Buffer {
  const double = (value: number): Buffer => Buffer.from(Float64Array.of(value).buffer);
  return Buffer.concat(
    items.flatMap((item) => {
      if (typeof item === 'number') return [double(item)];
      const bytes = Buffer.from(item, 'utf8');
      return [double(bytes.length), bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)];
    }),
  );
}

describe('the digest stream', () => {
  it('hashes texts of any alphabet and length as its definition says', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.constantFrom('', 'ü', '漢', 'x'.repeat(9_000), 'é'.repeat(40_000), '😀'.repeat(7)),
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(text, fc.double({ noNaN: true })), { maxLength: 60 }),
        fc.nat(9_000),
        (items, before) => {
          const stream = new DigestStream();
          for (let i = 0; i < before; i += 1) stream.number(i);
          for (const item of items) {
            if (typeof item === 'number') stream.number(item);
            else stream.text(item);
          }
          const all = [...Array.from({ length: before }, (_, i) => i), ...items];
          expect(stream.digest()).toBe(createHash('sha256').update(encoded(all)).digest('hex'));
        },
      ),
      { numRuns: 60 },
    );
  });
});
