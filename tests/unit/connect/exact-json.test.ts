import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import { parseExact } from '#src/connect/exact-json.js';

describe('JSON of which no number changes', () => {
  it('keeps ids of 64 bits and long decimals as they were written, and all others as numbers', () => {
    const text =
      '{"id":9007199254740993,"u":5123107852948,"p":0.12345678901234567,"q":-1.50,"e":1E3,"z":0.000000000000000012,"a":[18446744073709551615,[0,-0.1]]}';
    expect(parseExact(text)).toEqual({
      ...{ id: '9007199254740993', u: 5_123_107_852_948, p: '0.12345678901234567', q: -1.5, e: '1E3' },
      ...{ z: 0.000_000_000_000_000_012, a: ['18446744073709551615', [0, -0.1]] },
    });
  });

  it('finds them wherever a value may begin', () => {
    const id = '12345678901234567890';
    expect(parseExact(id)).toBe(id);
    expect(parseExact(` { "a" : ${id} , "b":[ ${id},-${id}] }`)).toEqual({ a: id, b: [id, `-${id}`] });
  });

  it('leaves texts alone, whatever they hold', () => {
    const value = { 'k"1234567890123456789': 'a "1234567890123456789" \\ 1e5 \u2028 {"x":12345678901234567890}' };
    expect(parseExact(JSON.stringify(value))).toEqual(value);
  });

  it.each([
    '{"a":1234567890123456789',
    '[12345678901234567.]',
    '[1234567890123456-7]',
    '[00012345678901234567]',
    '',
    '"1e5',
  ])('takes nothing for JSON that is none: %s', (text) => {
    expect(() => parseExact(text)).toThrow(SyntaxError);
  });

  it('reads what JSON.parse reads, digit by digit', () => {
    const digits = fc.stringMatching(/^-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), digits), { maxLength: 5 }), (rows) => {
        const text = `[${rows.map(([key, number]) => `{${JSON.stringify(`k${key}`)}:${number}}`).join(' , ')}]`;
        const read = parseExact(text) as Readonly<Record<string, number | string>>[];
        expect(read.map((row) => Object.keys(row)[0])).toEqual(rows.map(([key]) => `k${key}`));
        for (const [i, [, number]] of rows.entries()) {
          const [value] = Object.values(read[i] ?? {});
          if (typeof value === 'string') expect(value).toBe(number);
          else expect(new Decimal(value ?? NaN).eq(number)).toBe(true);
        }
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});
