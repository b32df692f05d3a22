import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadConfig, resolveConfig, variableFor } from '#config/index.js';
import { bpsGrammar, durationGrammar, moneyGrammar, percentGrammar, timeGrammar } from '#config/schema/grammar.js';
import { nearest } from '#config/schema/suggest.js';
import { UntypedText } from '#config/schema/tree.js';
import { Decimal } from '#src/domain/decimal.js';
import { PerpsBotError } from '#src/domain/errors.js';

const decimals = fc
  .tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.integer({ min: 0, max: 8 }))
  .map(([digits, scale]) => new Decimal(digits).div(new Decimal(10).pow(scale)));

describe('the configuration grammar', () => {
  it('reads back every value that it writes', () => {
    fc.assert(
      fc.property(
        decimals,
        fc.integer({ min: 0, max: 1e9 }),
        fc.integer({ min: 0, max: 1_439 }),
        (value, ms, minute) => {
          expect(percentGrammar.parse(percentGrammar.format(value))?.toString()).toBe(value.toString());
          expect(bpsGrammar.parse(bpsGrammar.format(value))?.toString()).toBe(value.toString());
          expect(moneyGrammar.parse(`${value.toString()} USDT`)?.toString()).toBe(value.toString());
          expect(durationGrammar.parse(durationGrammar.format(ms))).toBe(ms);
          expect(timeGrammar.parse(timeGrammar.format(minute))).toBe(minute);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never takes arbitrary text for a limit', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/^\s*-?\d+(\.\d+)? ?(%|bps|USDT|USDC|USD|ms|s|m|h|d)\s*$/.test(text));
        for (const grammar of [percentGrammar, bpsGrammar, moneyGrammar, durationGrammar]) {
          expect(grammar.parse(text)).toBeUndefined();
          expect(grammar.parse(new UntypedText(text))).toBeUndefined();
        }
      }),
      { numRuns: 300 },
    );
  });

  it('lets only true and false switch anything on or off', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(text !== 'true' && text !== 'false');
        expect(() => loadConfig({ profile: 'demo', env: { RISK_KILL_SWITCH_ENABLED: text }, cwd: '/' })).toThrow(
          PerpsBotError,
        );
      }),
      { numRuns: 60 },
    );
  });
});

describe('configuration as a whole', () => {
  const sections = ['', 'risk', 'strategy', 'execution', 'streaming', 'tasks', 'storage', 'simulation', 'session'];

  it('refuses every key it does not know, and nothing else than by an error of its own', () => {
    fc.assert(
      fc.property(fc.constantFrom(...sections), fc.string({ minLength: 1 }), fc.jsonValue(), (section, key, value) => {
        fc.pre(!sections.includes(key) && !/^[a-z][a-zA-Z0-9]{2,}$/.test(key));
        const entry = JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(value)}}`) as object;
        let thrown: unknown;
        try {
          resolveConfig({ profile: 'demo', ...(section === '' ? entry : { [section]: entry }) });
        } catch (error) {
          thrown = error;
        }
        expect(PerpsBotError.is(thrown) && ['CFG-001', 'CFG-004'].includes(thrown.code)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('gives every value to the strongest layer that names it', () => {
    const layer = fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined });
    fc.assert(
      fc.property(layer, layer, (fromEnv, fromOverride) => {
        const env = fromEnv === undefined ? {} : { [variableFor(['strategy', 'shortMa'])]: String(fromEnv) };
        const { config } = loadConfig({
          profile: 'demo',
          env,
          overrides: { strategy: { shortMa: fromOverride } },
          cwd: '/',
        });
        expect(config.strategy.shortMa).toBe(fromOverride ?? fromEnv ?? 5);
      }),
      { numRuns: 60 },
    );
  });

  it('never raises a limit by one the bot sets for itself', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 100 }), fc.integer({ min: 2, max: 100 }), (own, common) => {
        const config = resolveConfig({
          profile: 'demo',
          maxLeverage: own,
          maxPositionSize: `${String(own)} USDT`,
          risk: { maxLeverage: common, maxPositionSize: `${String(common)} USDT` },
        });
        expect(config.risk.maxLeverage.toNumber()).toBe(Math.min(own, common));
        expect(config.risk.maxPositionSize.toNumber()).toBe(Math.min(own, common));
      }),
      { numRuns: 60 },
    );
  });

  it('suggests the word from which two letters were swapped', () => {
    const words = ['maxLeverage', 'maxDrawdown', 'priceCollar', 'ordersPerMinute', 'dailyLossLimit', 'slippageGuard'];
    fc.assert(
      fc.property(fc.constantFrom(...words), fc.integer({ min: 1, max: 8 }), (word, at) => {
        const swapped = word.slice(0, at) + (word[at + 1] ?? '') + (word[at] ?? '') + word.slice(at + 2);
        expect(nearest(swapped, words)).toBe(word);
      }),
      { numRuns: 100 },
    );
  });
});
