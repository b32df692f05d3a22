import { afterEach, describe, expect, it } from '@jest/globals';
import { createBot, LogOutput, type PerpsBot } from 'perpsbot';
import { testBot, type TestBot } from 'perpsbot/testing';
import { loadConfig } from '#config/index.js';
import { Decimal } from '#src/domain/decimal.js';
import type { MarginMode, PositionMode } from '#src/domain/order.js';
import type { DeclaredAccount } from '#src/ports/configuration/settings/declared-account.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import { OrderReconciler } from '#src/ports/core-services/execution.js';
import type { AccountTerms, SymbolTerms } from '#src/ports/venue/account-terms.js';
import type { Capabilities } from '#src/ports/venue/capabilities.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { testConfig } from '../../../support/config.js';

const SYMBOL = 'BTC-PERP';
const AS_FOUND: AccountTerms = {
  positionMode: 'one_way',
  multiAsset: false,
  feesIn: 'USDT',
  symbols: [{ symbol: SYMBOL, leverage: new Decimal(3), marginMode: 'cross' }],
};

/** Keeps the terms that it is told to. */
class SettledBroker extends FakeBroker {
  private change(terms: Partial<SymbolTerms>): void {
    this.terms = { ...this.terms, symbols: [{ ...(this.terms.symbols?.[0] ?? { symbol: SYMBOL }), ...terms }] };
  }

  override async setLeverage(symbol: string, leverage: number): Promise<void> {
    await super.setLeverage(symbol, leverage);
    this.change({ leverage: new Decimal(leverage) });
  }
  override async setMarginMode(symbol: string, mode: MarginMode): Promise<void> {
    await super.setMarginMode(symbol, mode);
    this.change({ marginMode: mode });
  }
  override async setPositionMode(mode: PositionMode): Promise<void> {
    await super.setPositionMode(mode);
    this.terms = { ...this.terms, positionMode: mode };
  }
}

const HELD = { symbol: SYMBOL, size: new Decimal('0.1'), entryPrice: new Decimal(50_000) };

let made: (TestBot | PerpsBot)[] = [];
afterEach(async () => {
  for (const each of made) await ('bot' in each ? each.bot : each).stop();
  made = [];
});

interface Case {
  readonly account: Partial<DeclaredAccount>;
  readonly terms?: AccountTerms;
  readonly can?: Partial<Capabilities>;
  readonly dryRun?: boolean;
  readonly before?: (broker: SettledBroker) => void;
}

function rig({ account, terms = AS_FOUND, can = {}, dryRun = false, before }: Case) {
  const broker = new SettledBroker({
    capabilities: {
      accountTerms: true,
      marginModes: ['cross', 'isolated'],
      positionMode: ['one_way', 'hedge'],
      ...can,
    },
  });
  broker.terms = terms;
  before?.(broker);
  const config = testConfig({ dryRun, streaming: { enabled: false }, account: { apply: false, ...account } });
  const bot = testBot({ config, broker });
  made.push(bot);
  const plan = () =>
    bot
      .get(EventStore)
      .query({ types: ['account_plan', 'account_changed'] })
      .map(({ payload }) => payload);
  const settings = () => broker.called().filter((name) => name.startsWith('set'));
  return { bot, broker, plan, settings, ladder: () => bot.get(SafetyLadder) };
}

describe('an account that trades as declared', () => {
  it.each<[string, Partial<DeclaredAccount>]>([
    ['in everything', { positionMode: 'one_way', marginMode: 'cross', leverage: 3, multiAsset: false, feesIn: 'USDT' }],
    ['because nothing is declared', { apply: true }],
  ])('%s: nothing is changed, nothing is said', async (_, account) => {
    const { bot, plan, settings, ladder } = rig({ account });
    await bot.open();
    expect([plan(), settings(), ladder().state]).toEqual([[], [], 'NORMAL']);
  });
});

describe('an account that does not', () => {
  it.each<[keyof DeclaredAccount, Partial<DeclaredAccount>, string, Record<string, unknown>]>([
    ['marginMode', { marginMode: 'isolated' }, 'HALTED', { symbol: SYMBOL, now: 'cross', declared: 'isolated' }],
    ['multiAsset', { multiAsset: true }, 'HALTED', { now: 'false', declared: 'true' }],
    ['leverage', { leverage: 2 }, 'REDUCE_ONLY', { symbol: SYMBOL, now: '3', declared: '2' }],
    ['feesIn', { feesIn: 'BNB' }, 'REDUCE_ONLY', { now: 'USDT', declared: 'BNB' }],
  ])('is told by a plan and left: %s', async (term, account, state, step) => {
    const { bot, plan, settings, ladder } = rig({ account });
    await bot.open();
    expect(plan()).toMatchObject([{ applied: false, steps: [{ term, ...step }] }]);
    expect(settings()).toEqual([]);
    expect(ladder()).toMatchObject({ state, reason: `account_not_as_declared: ${term}` });
    expect(bot.logger.at('warn').join()).toContain('The account is not as declared');
  });

  it('is changed where that is allowed, and read back', async () => {
    const { bot, broker, plan, settings, ladder } = rig({
      account: { positionMode: 'one_way', marginMode: 'isolated', leverage: 2, apply: true },
      terms: { ...AS_FOUND, positionMode: 'hedge' },
    });
    await bot.open();
    expect(settings()).toEqual(['setPositionMode', 'setMarginMode', 'setLeverage']);
    expect(broker.terms).toMatchObject({
      positionMode: 'one_way',
      symbols: [{ marginMode: 'isolated', leverage: new Decimal(2) }],
    });
    expect(plan()).toMatchObject([{ applied: true, steps: { length: 3 } }, { left: [] }]);
    expect(ladder().state).toBe('NORMAL');
  });

  it.each<[string, Partial<Case>]>([
    ['a dry run', { dryRun: true }],
    ['an open position', { before: ({ account }) => void account.positions.push(HELD) }],
    ['a venue that refuses', { before: (broker) => broker.next('setLeverage', { throws: new Error('-4028') }) }],
  ])('stays a difference over %s', async (_, more) => {
    const { bot, broker, plan, ladder } = rig({ account: { leverage: 2, apply: true }, ...more });
    await bot.open();
    expect(broker.terms).toEqual(AS_FOUND);
    expect(ladder()).toMatchObject({ state: expect.not.stringMatching('NORMAL') });
    expect(plan()[0]).toMatchObject({ steps: [{ term: 'leverage', now: '3', declared: '2' }] });
  });

  it('is found by the next look, and by the stream, while the bot runs (AC-02, AC-03)', async () => {
    const { bot, broker, ladder } = rig({ account: { leverage: 3, marginMode: 'cross' } });
    await bot.open();
    broker.terms = { ...AS_FOUND, symbols: [{ symbol: SYMBOL, leverage: new Decimal(2) }] };
    await bot.get(OrderReconciler).reconcile();
    expect(ladder()).toMatchObject({ state: 'REDUCE_ONLY', reason: 'account_not_as_declared: leverage' });
    const terms: AccountTerms = { symbols: [{ symbol: SYMBOL, marginMode: 'isolated' }] };
    broker.push({ kind: 'terms', terms, at: bot.clock.now() });
    expect(ladder().state).toBe('HALTED');
  });
});

describe('a declaration that cannot be compared ends the start', () => {
  it.each<[string, Partial<Case>, RegExp]>([
    ['no terms are told', { can: { accountTerms: false } }, /terms of the account/],
    ['a term is not told', { terms: { positionMode: 'one_way' } }, /must tell marginMode of BTC-PERP/],
    ['hedged positions are not expected', { account: { positionMode: 'hedge' } }, /hedge positions/],
    ['orders name their leverage', { account: { leverage: 2 }, can: { leverage: 'per_order' } }, /keep a leverage/],
    [
      'there is no such mode',
      { account: { marginMode: 'isolated' }, can: { marginModes: ['cross'] } },
      /isolated margin/,
    ],
    [
      'it is not answered',
      { before: (broker) => broker.next('describeAccount', { throws: new Error('busy') }) },
      /busy/,
    ],
  ])('%s', async (_, more, message) => {
    const { bot, broker, settings } = rig({ account: { marginMode: 'cross', apply: true }, ...more });
    await expect(bot.open()).rejects.toMatchObject({ code: 'BOT-002', message: expect.stringMatching(message) });
    expect(settings()).toEqual([]);
    expect(broker.called()).not.toContain('openAccount');
  });
});

describe('the exchange inside', () => {
  it('takes the margin mode that is declared, and reads it back', async () => {
    const bot = createBot({
      config: {
        profile: 'demo',
        simulation: { seed: 1, speed: 'max' },
        storage: { driver: 'memory' },
        account: { marginMode: 'isolated', positionMode: 'one_way', apply: true },
      },
      overrides: (container) =>
        void container.rebind(LogOutput).toConstantValue({ write: () => undefined, dropped: 0 }),
    });
    made.push(bot);
    await bot.open();
    expect(bot.container.get(SafetyLadder).state).toBe('NORMAL');
    expect(bot.events.query({ types: ['account_changed'] }).map(({ payload }) => payload)).toEqual([{ left: [] }]);
    expect((await bot.broker.describeAccount([SYMBOL])).symbols).toMatchObject([{ marginMode: 'isolated' }]);
  });
});

describe('a live world', () => {
  it('reads the terms back at least each minute', () => {
    const loaded = (orderReconcile: string) => () =>
      loadConfig({
        profile: 'canary',
        env: {},
        cwd: '/',
        overrides: { tasks: { orderReconcile }, storage: { directory: '/nowhere' } },
      });
    expect(loaded('61s')).toThrow(
      expect.objectContaining({ message: expect.stringContaining('tasks.orderReconcile') }),
    );
    expect(loaded('60s')).not.toThrow();
  });
});
