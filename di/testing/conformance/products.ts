import { Decimal } from '../../../src/domain/decimal.js';
import { Instrument, type InstrumentSpec } from '../../../src/domain/instrument.js';
import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time-spans.js';
import type { AnswerFlaw, DrivenMarket } from './contract.js';
import { expectSame, expectThat } from './expecting.js';
import { anywhere, asked, type Scenario, streamed } from './scenario.js';
import type { ConformanceWorld } from './world.js';

const HEARD_WITHIN_MS = 10 * MINUTE_MS;

const specOf = (specs: readonly InstrumentSpec[], symbol: string): InstrumentSpec | undefined =>
  specs.find((spec) => spec.symbol === symbol);

/** Field by field: what the venue says, to the last digit. */
function expectListed(specs: readonly InstrumentSpec[], { symbol, spec: expected }: DrivenMarket): void {
  const spec = specOf(specs, symbol);
  expectThat(spec !== undefined, `${symbol} must be listed, and is not.`);
  for (const [name, value] of Object.entries(expected) as [keyof InstrumentSpec, unknown][])
    expectSame(spec[name], value, `${name} of ${symbol}`);
  expectThat(new Instrument(spec).symbol === symbol, `${symbol} must be held exactly.`);
}

const B1 = asked('B1', 'what is traded is listed, to the last digit of its rules', async (world) => {
  const specs = await world.within(world.adapter.listProducts());
  for (const market of world.simulator.markets) expectListed(specs, market);
  expectSame(world.warnings, [], 'Warnings of a listing that is whole');
});

/** Out of the list, and said to be; or, where nothing that is needed is wrong, in it as before. */
async function expectApart(world: ConformanceWorld, flaw: AnswerFlaw, mayStay: boolean): Promise<void> {
  const [flawed, ...whole] = world.simulator.markets;
  const before = world.warnings.length;
  world.wire.flaw(flaw, flawed.symbol);
  const specs = await world.within(world.adapter.listProducts());
  for (const market of whole) expectListed(specs, market);
  if (specOf(specs, flawed.symbol) !== undefined) {
    expectThat(mayStay, `${flawed.symbol} must not be listed with a ${flaw}, and is.`);
    expectListed(specs, flawed);
  } else {
    const said = world.warnings.slice(before).some((warning) => warning.includes(flawed.symbol));
    expectThat(said, `That ${flawed.symbol} is left out must be said, and is not.`);
  }
  world.wire.flaw(undefined, flawed.symbol);
  expectListed(await world.within(world.adapter.listProducts()), flawed);
}

const B2 = asked('B2', 'a product that cannot be read is left out and named, and the others stay', async (world) => {
  await expectApart(world, 'unknown status', false);
  await expectApart(world, 'missing field', false);
  await expectApart(world, 'unknown filter', true);
  await expectApart(world, 'extra field', true);
});

const B6 = streamed('B6', 'what changes while a stream is open is told', async (world) => {
  const { market, scheduler } = world;
  world.keep();
  await scheduler.advance(HEARD_WITHIN_MS);
  const change = async (to: Partial<InstrumentSpec>): Promise<void> => {
    const { length } = world.heard('instrument');
    market.redefine(to);
    await scheduler.advance(HEARD_WITHIN_MS);
    const news = world.heard('instrument').slice(length);
    expectSame(news.length, 1, 'Events of one change');
    expectSame(news[0]?.symbol, market.symbol, 'The instrument that has changed');
    if (news[0]?.spec !== undefined) expectListed([news[0].spec], market);
    else expectSame(news[0]?.status, to.status, 'The status that is told without rules');
  };
  const { minNotional, minSize } = market.spec;
  await change({ minNotional: minNotional.times(4), minSize: minSize.times(2) });
  await change({ fundingIntervalHours: 4 });
  await change({ status: 'halted' });
  await change({ status: 'trading' });
});

const B7 = streamed('B7', "the next stamp of funding is the venue's, whatever the interval was", async (world) => {
  const { market, adapter, clock, scheduler } = world;
  await world.book();
  for (const hours of [8, 4, 1]) {
    const rate = new Decimal(hours).div(1e5);
    const nextAt = Math.ceil((clock.now() + 1) / (hours * HOUR_MS)) * hours * HOUR_MS;
    market.funding(rate, nextAt);
    const price = market.spec.tick.times(1_000 + hours);
    market.value(price, price);
    const asked = await world.within(adapter.getFundingRate(market.symbol));
    expectSame([asked.rate, asked.nextAt], [rate, nextAt], 'Rate and stamp, asked for,');
    await scheduler.advance(5_000);
    const mark = world.heard('mark').at(-1);
    // Not every venue streams them.
    if (mark?.fundingRate !== undefined) expectSame(mark.fundingRate, rate, 'The rate that is streamed');
    if (mark?.nextFundingAt !== undefined) expectSame(mark.nextFundingAt, nextAt, 'The stamp that is streamed');
  }
});

export const PRODUCTS: readonly Scenario[] = [anywhere(B1), B2, anywhere(B6), anywhere(B7)];
