import { describe, expect, it } from '@jest/globals';
import { BookSequence, type DepthSequence, type SequenceFit } from '#src/domain/book/book-sequence.js';

const SNAPSHOT = 100;

/** What comes after a snapshot of update 100, each with how it fits; `takes` are the messages before it. */
const CASES: readonly (readonly [string, readonly DepthSequence[], DepthSequence | undefined, SequenceFit])[] = [
  ['derivative: reaches back behind the snapshot', [], { first: 95, last: 105, previous: 93 }, 'next'],
  ['derivative: follows the snapshot itself', [], { first: 103, last: 105, previous: 100 }, 'next'],
  ['derivative: ends before it', [], { first: 90, last: 95, previous: 88 }, 'old'],
  ['derivative: ends with it', [], { first: 90, last: 100, previous: 88 }, 'next'],
  ['derivative: one is missing after it', [], { first: 104, last: 105, previous: 102 }, 'gap'],
  [
    'derivative: names the one before',
    [{ first: 95, last: 105, previous: 93 }],
    { first: 109, last: 110, previous: 105 },
    'next',
  ],
  [
    'derivative: one is missing',
    [{ first: 95, last: 105, previous: 93 }],
    { first: 109, last: 110, previous: 107 },
    'gap',
  ],
  ['derivative: told twice', [{ first: 95, last: 105, previous: 93 }], { first: 95, last: 105, previous: 93 }, 'old'],
  ['derivative: overlaps', [{ first: 95, last: 105, previous: 93 }], { first: 103, last: 108, previous: 102 }, 'gap'],
  ['spot: holds the update after the snapshot', [], { first: 98, last: 105 }, 'next'],
  ['spot: begins with it', [], { first: 101, last: 105 }, 'next'],
  ['spot: one is missing after it', [], { first: 102, last: 105 }, 'gap'],
  ['spot: begins where that ended', [{ first: 98, last: 105 }], { first: 106, last: 107 }, 'next'],
  ['spot: one is missing', [{ first: 98, last: 105 }], { first: 107, last: 107 }, 'gap'],
  ['by the last alone: goes on', [], { last: 101 }, 'next'],
  ['by the last alone: goes back', [], { last: 99 }, 'old'],
  ['without numbers', [], undefined, 'next'],
];

describe('the sequence of a book', () => {
  it.each(CASES)('%s', (_name, before, message, fit) => {
    const sequence = new BookSequence();
    sequence.begin(SNAPSHOT);
    for (const each of before) expect(sequence.take(each)).toBe('next');
    const known = sequence.known;
    expect(sequence.take(message)).toBe(fit);
    if (fit !== 'next') expect(sequence.known).toBe(known);
  });

  it('takes everything where the snapshot had no number', () => {
    const sequence = new BookSequence();
    sequence.begin(undefined);
    expect(sequence.take({ first: 5, last: 9, previous: 4 })).toBe('next');
    expect(sequence.take({ first: 20, last: 21, previous: 19 })).toBe('gap');
  });
});
