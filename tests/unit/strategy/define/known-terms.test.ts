import { describe, expect, it } from '@jest/globals';
import { assertKnownTerms } from '#src/services/strategy/define/known-terms.js';

const ENTRY = { why: 'w', risk: 0.01, stop: 90 };

describe('a term that no verb knows', () => {
  it.each([
    ['long', { ...ENTRY, limit: 99 }, /long must be given what it knows, was given limit/, /entry: limit\(price\)/],
    ['short', { ...ENTRY, takeprofit: 80 }, /was given takeprofit/, /Did you mean takeProfit\?/],
    ['either', { long: ENTRY, shrt: ENTRY }, /was given shrt/, /Did you mean short\?/],
    ['add', { why: 'w', quantity: 1, trail: {} }, /add must be given what it knows, was given trail/, /quantity/],
    ['reduce', { why: 'w', shares: 0.5 }, /was given shares/, /Did you mean share\?/],
    ['exits', { why: 'w', stp: 90 }, /was given stp/, /Did you mean stop\?/],
  ] as const)('is refused: %s', (verb, order, message, fix) => {
    expect(() => assertKnownTerms(verb, order)).toThrow(
      expect.objectContaining({
        code: 'STRAT-001',
        message: expect.stringMatching(message),
        fix: expect.stringMatching(fix),
      }),
    );
  });

  it.each([
    ['long', { ...ENTRY, takeProfit: [], trail: {}, breakEven: {}, timeStop: '1h', entry: {}, tag: 't', values: {} }],
    ['exits', { why: 'w', stop: 1, trail: {} }],
    ['add', { why: 'w', fraction: 0.1, stop: 1, tag: 't', entry: {} }],
    ['reduce', { why: 'w', share: 0.5, entry: {}, values: {} }],
  ] as const)('are none of those that it has: %s', (verb, order) => {
    expect(() => assertKnownTerms(verb, order)).not.toThrow();
  });
});
