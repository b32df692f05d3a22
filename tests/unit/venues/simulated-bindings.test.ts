import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Container } from 'inversify';
import { SeededRandom } from '#src/platform/seeded-random.js';
import { AccountMoney, FINEST_MONEY } from '#src/ports/runtime-state/account-money.js';
import { Brokerage } from '#src/ports/venue/brokerage.js';
import { DrivenClock } from '#src/ports/configuration/clock.js';
import { Files } from '#src/ports/configuration/files.js';
import { Logger } from '#src/ports/configuration/logger.js';
import { Random } from '#src/ports/configuration/random.js';
import { Scheduler } from '#src/ports/configuration/scheduler.js';
import { ConfigController } from '#src/ports/configuration/settings/config-controller.js';
import { ExchangeStore, MarketDriver, SimulatedExchange } from '#src/ports/core-services/simulated-exchange.js';
import { SimulatedBrokerage } from '#src/venues/simulated/brokerage/simulated-brokerage.js';
import { DeterministicExchange } from '#src/venues/simulated/exchange/deterministic-exchange.js';
import { GeneratedMarketDriver } from '#src/venues/simulated/brokerage/generated-market-driver.js';
import { MarketGenerator, SeededMarketGenerator } from '#src/venues/simulated/models/market-generator.js';
import { NoExchangeStore } from '#src/venues/simulated/persistence/no-exchange-store.js';
import { SimulatedVenue } from '#src/venues/simulated/brokerage/venue.js';
import { FakeConfigController } from '../../support/config.js';
import { MemoryFiles } from '../../support/memory-files.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { TestTime } from './simulated-world.js';

describe('the exchange inside, from a container', () => {
  it('is one exchange for its driver and its account', async () => {
    const time = new TestTime();
    const container = new Container();
    container.bind(ConfigController).toConstantValue(new FakeConfigController());
    container.bind(DrivenClock).toConstantValue(time);
    container.bind(Scheduler).toConstantValue(time);
    container.bind<Pick<AccountMoney, 'unit'>>(AccountMoney).toConstantValue(FINEST_MONEY);
    container.bind(Logger).toConstantValue(new RecordingLogger());
    container.bind(Random).to(SeededRandom).inSingletonScope();
    container.bind(Files).toConstantValue(new MemoryFiles());
    container.bind(ExchangeStore).to(NoExchangeStore).inSingletonScope();
    container.bind(SimulatedVenue).to(DeterministicExchange).inSingletonScope();
    container.bind(SimulatedExchange).toService(SimulatedVenue);
    container.bind(Brokerage).to(SimulatedBrokerage).inSingletonScope();
    container.bind(MarketGenerator).to(SeededMarketGenerator).inSingletonScope();
    container.bind(MarketDriver).to(GeneratedMarketDriver).inSingletonScope();

    expect(container.get(SimulatedExchange)).toBe(container.get(SimulatedVenue));
    await container.get(MarketDriver).start();
    const quote = await container.get(Brokerage).getQuote('BTC-PERP');
    expect(quote.bid?.gt(49_000)).toBe(true);
    expect(await container.get(Brokerage).getCandles('BTC-PERP', 5_000, 100)).toHaveLength(100);
  });
});
