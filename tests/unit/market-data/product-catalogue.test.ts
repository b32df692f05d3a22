import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { Instrument, type InstrumentSpec } from '#src/domain/instrument.js';
import type { Payload } from '#src/ports/storage/event-store.js';
import { specFromRecord, specToRecord } from '#src/services/market-data/instrument-record.js';
import { CachedProductCatalogue } from '#src/services/market-data/cached-product-catalogue.js';
import { SPEC } from '../border/samples.js';
import { FakeEventStore } from '../../support/memory-event-store.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';

const d = (text: string): Decimal => new Decimal(text);

function parts(instruments: Record<string, InstrumentSpec> = {}, journal = new FakeEventStore()) {
  const broker = new FakeBroker();
  const logger = new RecordingLogger();
  const catalogue = new CachedProductCatalogue(
    new FakeConfigController(testConfig({ instruments })),
    broker,
    broker,
    journal,
    logger,
    broker.scheduler,
    broker.scheduler.clock,
  );
  return { broker, logger, catalogue };
}

describe('an instrument in the journal', () => {
  it('is given back in every field that one may have', () => {
    const record = JSON.parse(JSON.stringify(specToRecord(SPEC))) as Payload;
    expect(specFromRecord(record)).toEqual(SPEC);
    expect(new Instrument(specFromRecord(record)).symbol).toBe(SPEC.symbol);
  });
});

describe('a product that is another contract than it was', () => {
  const OTHERS: readonly (readonly [string, Partial<InstrumentSpec>])[] = [
    ['its multiplier', { multiplier: d('10') }],
    ['its kind of contract', { contract: 'inverse' }],
    ['its currency', { settle: 'USDC' }],
    ['its market', { kind: 'spot', fundingIntervalHours: 0 }],
  ];

  it.each(OTHERS)('is held as what is measured in it, here and after a restart: %s', async (_what, change) => {
    const journal = new FakeEventStore();
    const { broker, catalogue } = parts({}, journal);
    await catalogue.refresh();
    const before = catalogue.instrument('BTC-PERP');
    broker.products = [instrumentSpec(change)];
    await catalogue.refresh();
    expect(catalogue.instrument('BTC-PERP')).toBe(before);
    const next = parts({}, journal);
    next.broker.products = [instrumentSpec(change)];
    await next.catalogue.refresh();
    expect(next.catalogue.instrument('BTC-PERP').spec).toEqual(before.spec);
    for (const each of [catalogue, next.catalogue]) {
      expect(each.getProduct('BTC-PERP')).toMatchObject({
        confirmed: false,
        held: expect.stringContaining('another contract'),
      });
      expect(each.missing).toEqual(['BTC-PERP']);
    }
  });
});

describe('products of which one cannot be read', () => {
  it.each([
    ['nothing at all', null],
    ['a symbol that is none', { ...instrumentSpec(), symbol: 7 }],
    ['a tick in another type', { ...instrumentSpec({ symbol: 'ETH-PERP' }), tick: 0.1 }],
    ['a number that is none', instrumentSpec({ symbol: 'ETH-PERP', minSize: new Decimal(NaN) })],
    ['hours without end', instrumentSpec({ symbol: 'ETH-PERP', fundingIntervalHours: Infinity })],
  ])('are known but for it: %s', async (_what, bad) => {
    const { broker, catalogue } = parts();
    broker.always('listProducts', { value: [bad as never, instrumentSpec()] });
    await catalogue.refresh();
    expect([...catalogue.instruments()].map(({ symbol }) => symbol)).toEqual(['BTC-PERP']);
    expect(catalogue.getProduct('BTC-PERP').confirmed).toBe(true);
  });

  it('are asked for anew where the answer never comes', async () => {
    const { broker, catalogue } = parts();
    const answer = broker.listProducts.bind(broker);
    broker.listProducts = () => new Promise(() => undefined);
    const hanging = expect(catalogue.refresh()).rejects.toThrow('not done within');
    await broker.scheduler.advance(60_000);
    await hanging;
    broker.listProducts = answer;
    await catalogue.refresh();
    expect(catalogue.getProduct('BTC-PERP').confirmed).toBe(true);
  });

  it('stay as they were where the answer is no list', async () => {
    const { broker, catalogue } = parts();
    await catalogue.refresh();
    broker.always('listProducts', { value: undefined as never });
    await expect(catalogue.refresh()).rejects.toMatchObject({ code: 'VENUE-005' });
    expect(catalogue.getProduct('BTC-PERP').confirmed).toBe(true);
  });
});

describe('CachedProductCatalogue', () => {
  it('describes a product as the venue does (B-27)', async () => {
    const { catalogue } = parts();
    await catalogue.refresh();

    const product = catalogue.getProduct('BTC-PERP');
    expect(product).toMatchObject({
      symbol: 'BTC-PERP',
      base: 'BTC',
      quote: 'USDT',
      market: 'perpetual',
      confirmed: true,
    });
    expect([product.stepSize, product.priceIncrement, product.minNotional, product.minSize].map(String)).toEqual([
      '0.001',
      '0.1',
      '10',
      '0.001',
    ]);
    expect([...catalogue.instruments()].map((instrument) => instrument.symbol)).toEqual(['BTC-PERP']);
  });

  it('keeps an instrument the same object while its description does not change', async () => {
    const { broker, catalogue } = parts();
    await catalogue.refresh();
    const before = catalogue.instrument('BTC-PERP');

    broker.products = [instrumentSpec({ tick: d('0.10') })];
    await catalogue.refresh();
    expect(catalogue.instrument('BTC-PERP')).toBe(before);

    broker.products = [instrumentSpec({ minNotional: d('20') })];
    await catalogue.refresh();
    expect(catalogue.instrument('BTC-PERP')).not.toBe(before);
    broker.products = [instrumentSpec({ minNotional: d('20'), maxSize: d('5') })];
    await catalogue.refresh();
    expect(String(catalogue.instrument('BTC-PERP').maxLots)).toBe('5000');
  });

  it.each<Partial<InstrumentSpec>>([
    { status: 'reduce_only' },
    { maxMarketSize: d('2') },
    { band: { above: d('0.05'), below: d('0.05') } },
    { band: { above: d('0.1'), below: d('0.05') } },
  ])('takes up %j', async (change) => {
    const { broker, catalogue } = parts();
    broker.products = [instrumentSpec({ band: { above: d('0.1'), below: d('0.1') } })];
    await catalogue.refresh();
    broker.products = [instrumentSpec(change)];
    await catalogue.refresh();
    expect(catalogue.instrument('BTC-PERP').spec).toMatchObject(change);
    const before = catalogue.instrument('BTC-PERP');
    await catalogue.refresh();
    expect(catalogue.instrument('BTC-PERP')).toBe(before);
  });

  it('rejects and keeps what it knew when the venue cannot be asked', async () => {
    const { broker, catalogue } = parts();
    await catalogue.refresh();
    broker.always('listProducts', { throws: new Error('offline') });

    await expect(catalogue.refresh()).rejects.toThrow('offline');
    expect(catalogue.find('BTC-PERP')).toBeDefined();
    broker.heal();
    await expect(catalogue.refresh()).resolves.toBeUndefined();
  });

  it('asks the venue once for calls at the same time', async () => {
    const { broker, catalogue } = parts();

    await Promise.all([catalogue.refresh(), catalogue.refresh()]);
    expect(broker.called()).toEqual(['listProducts']);
    await catalogue.refresh();
    expect(broker.called()).toHaveLength(2);
  });

  it('leaves out one product that cannot be held exactly, and keeps the others', async () => {
    const { broker, catalogue, logger } = parts();
    const bad = { tick: d('0.00001'), step: d('0.00001') };
    broker.products = [
      instrumentSpec({ symbol: 'ODD-PERP', ...bad }),
      instrumentSpec(bad),
      instrumentSpec({ symbol: 'ETH-PERP' }),
    ];

    await catalogue.refresh();

    expect([...catalogue.instruments()].map((instrument) => instrument.symbol)).toEqual(['ETH-PERP']);
    expect(logger.at('error')).toEqual(['BTC-PERP is left out of the products']);
    expect(logger.at('debug')).toEqual(['ODD-PERP is left out of the products']);
    expect(logger.at('warn')).toEqual([
      'BTC-PERP is configured but not confirmed by the venue; nothing is opened in it',
    ]);
  });

  it('throws CFG-007 for a product that only the configuration knows', async () => {
    const { catalogue } = parts({ 'DOGE-PERP': instrumentSpec({ symbol: 'DOGE-PERP' }) });
    await catalogue.refresh();

    expect(() => catalogue.instrument('DOGE-PERP')).toThrow(expect.objectContaining({ code: 'CFG-007' }));
    expect([catalogue.find('DOGE-PERP'), catalogue.getProduct('DOGE-PERP').confirmed]).toEqual([undefined, false]);
  });

  it("lets the configuration name the account's fees and tighten limits, and nothing else", async () => {
    const { catalogue } = parts({
      'BTC-PERP': instrumentSpec({
        takerFee: d('0.0003'),
        makerFee: d('-0.0001'),
        tick: d('0.01'),
        step: d('0.002'),
        minNotional: d('5'),
        maxLeverage: d('10'),
        maintenanceRate: d('0.001'),
        maxSize: d('7'),
        kind: 'spot',
      }),
    });
    await catalogue.refresh();

    const { spec } = catalogue.instrument('BTC-PERP');
    expect(
      [
        spec.takerFee,
        spec.makerFee,
        spec.tick,
        spec.step,
        spec.minNotional,
        spec.maxLeverage,
        spec.maintenanceRate,
        spec.maxSize,
      ].map(String),
    ).toEqual(['0.0003', '-0.0001', '0.1', '0.001', '10', '10', '0.005', '7']);
    expect(spec.kind).toBe('perpetual');
  });

  it.each([
    ['BTC-PERP', 'BTC', 'USD', 'perpetual'],
    ['BTC-USDT-PERP', 'BTC', 'USDT', 'perpetual'],
    ['ETH-EUR', 'ETH', 'EUR', 'spot'],
    ['DOGE', 'DOGE', 'USD', 'spot'],
  ])('describes %s conservatively before the venue has confirmed it', (symbol, base, quote, market) => {
    const product = parts().catalogue.getProduct(symbol);

    expect(product).toMatchObject({ symbol, base, quote, market, confirmed: false });
    expect(String(product.minNotional)).toBe('10');
    expect(
      () =>
        new Instrument(
          instrumentSpec({ tick: product.priceIncrement, step: product.stepSize, minSize: product.minSize }),
        ),
    ).not.toThrow();
  });

  const CHANGES: readonly Partial<InstrumentSpec>[] = [
    ...(['post_only', 'limit_only', 'reduce_only', 'cancel_only', 'halted', 'closed', 'trading'] as const).map(
      (status) => ({ status }),
    ),
    { tick: d('1') },
    { tick: d('0.25') },
    { step: d('0.0025') },
    { step: d('0.0004'), minSize: d('0.0004') },
    { tick: d('0.00001'), step: d('0.00001') },
    { band: { above: d('0.05'), below: d('0.02') } },
    { maxMarketSize: d('2'), minNotional: d('50') },
    { settle: 'BTC', contract: 'inverse' },
  ];
  const view = (catalogue: CachedProductCatalogue) => ({
    spec: JSON.stringify(catalogue.find('BTC-PERP')?.spec),
    confirmed: catalogue.getProduct('BTC-PERP').confirmed,
    missing: catalogue.missing,
  });

  it.each(CHANGES)('takes %j from the stream as from an answer, there and back', async (change) => {
    const [asked, told] = [parts(), parts()];
    await Promise.all([asked.catalogue.refresh(), told.catalogue.refresh()]);
    for (const spec of [instrumentSpec(change), instrumentSpec()]) {
      asked.broker.products = [spec];
      await asked.catalogue.refresh();
      told.catalogue.change({ kind: 'instrument', symbol: 'BTC-PERP', spec, at: 0 });
      expect(view(told.catalogue).confirmed).toBe(view(asked.catalogue).confirmed);
      expect([view(told.catalogue).spec, view(told.catalogue).missing]).toEqual([
        view(asked.catalogue).spec,
        view(asked.catalogue).missing,
      ]);
    }
  });

  it.each(['halted', 'closed', 'reduce_only'] as const)(
    'a status %s alone shuts it, until another comes',
    async (status) => {
      const { catalogue } = parts();
      await catalogue.refresh();
      const before = catalogue.instrument('BTC-PERP');
      catalogue.change({ kind: 'instrument', symbol: 'BTC-PERP', status, at: 0 });
      expect([catalogue.getProduct('BTC-PERP').confirmed, catalogue.missing]).toEqual([false, ['BTC-PERP']]);
      catalogue.change({ kind: 'instrument', symbol: 'NONE-PERP', status, at: 0 });
      catalogue.change({ kind: 'instrument', symbol: 'BTC-PERP', status: 'trading', at: 0 });
      expect([catalogue.getProduct('BTC-PERP').confirmed, catalogue.missing]).toEqual([true, []]);
      expect(catalogue.instrument('BTC-PERP').spec.tick).toEqual(before.spec.tick);
    },
  );

  it('an answer that was on its way when the stream told of a change does not undo it', async () => {
    const { broker, catalogue } = parts();
    await catalogue.refresh();
    const answer = catalogue.refresh();
    catalogue.change({ kind: 'instrument', symbol: 'BTC-PERP', status: 'halted', at: 0 });
    await answer;
    expect(catalogue.getProduct('BTC-PERP').confirmed).toBe(false);
    broker.products = [instrumentSpec()];
    await catalogue.refresh();
    expect(catalogue.getProduct('BTC-PERP').confirmed).toBe(true);
  });
});
