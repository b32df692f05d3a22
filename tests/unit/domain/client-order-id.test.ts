import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clientIdPrefix, clientOrderId, intentSeqOf, isOurs, numberedOrderId } from '#src/domain/client-order-id.js';

describe('client order ids', () => {
  it('are the same for the same bot, intent and attempt, and tell their intent', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 0, max: 2 ** 48 }),
        fc.integer({ min: 0, max: 999 }),
        (bot, seq, attempt) => {
          const id = clientOrderId(bot, seq, attempt);
          expect(clientOrderId(bot, seq, attempt)).toBe(id);
          expect(intentSeqOf(id)).toBe(seq);
          expect(isOurs(id, bot)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('fit every venue: at most 24 characters of digits, capitals and hyphens', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 0, max: 2 ** 48 }),
        fc.integer({ min: 0, max: 999 }),
        (bot, seq, attempt) => {
          expect(clientOrderId(bot, seq, attempt)).toMatch(/^[0-9A-Z-]{1,24}$/);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('differ between intents and between attempts', () => {
    const ids = [
      clientOrderId('bot', 1, 0),
      clientOrderId('bot', 2, 0),
      clientOrderId('bot', 1, 1),
      clientOrderId('other', 1, 0),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  it.each([undefined, '', 'web_1', 'PBXXXXXX', 'PB000000-1'])('are not found in %p', (text) => {
    expect(isOurs(text, 'bot')).toBe(false);
    expect(intentSeqOf(text ?? '')).toBeUndefined();
  });

  it('are the same when the prefix of the bot is kept', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.integer({ min: 0, max: 9 }), (bot, seq, attempt) => {
        expect(numberedOrderId(clientIdPrefix(bot), seq, attempt)).toBe(clientOrderId(bot, seq, attempt));
      }),
    );
  });
});
