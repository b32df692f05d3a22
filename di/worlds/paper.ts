import { DeadManSwitch } from '../../src/ports/core-services/dead-man-switch.js';
import { VenueDeadManSwitch } from '../../src/services/execution/protection/away/venue-dead-man-switch.js';
import { SqliteExchangeStore } from '../../src/storage/sqlite/exchange-store.js';
import { MemoryExchangeStore } from '../../src/storage/memory/exchange-store.js';
import { SimulatedBrokerage } from '../../src/venues/simulated/brokerage/simulated-brokerage.js';
import { DeterministicExchange } from '../../src/venues/simulated/exchange/deterministic-exchange.js';
import { GeneratedMarketDriver } from '../../src/venues/simulated/brokerage/generated-market-driver.js';
import { MarketGenerator, SeededMarketGenerator } from '../../src/venues/simulated/models/market-generator.js';
import { RecordedMarketDriver } from '../../src/venues/simulated/brokerage/recorded-market-driver.js';
import { SimulatedVenue } from '../../src/venues/simulated/brokerage/venue.js';
import { BarSource } from '../../src/ports/core-services/bar-source.js';
import { Brokerage } from '../../src/ports/venue/brokerage.js';
import { Lifecycle } from '../../src/ports/market-services/lifecycle.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import { ExchangeStore, MarketDriver, SimulatedExchange } from '../../src/ports/core-services/simulated-exchange.js';
import type { Binder, WorldBindings } from '../phase.js';
import { bindDoor } from './door.js';
import { bindJournal, bindRequests } from './stores.js';
import { bindPacedTime, bindVirtualTime } from './time.js';

/** The exchange inside with a file of its own, on a generated market or a recorded one. */
export const paperWorld = (config: BotConfig, recording?: BarSource): WorldBindings => ({
  // A recording brings its time with it, at every speed: what happens does not hang on the hour of the person's clock.
  configuration: config.simulation.speed === 'max' ? bindVirtualTime : bindPacedTime(recording === undefined),
  storage: (binder) => {
    bindJournal(binder, config.storage.driver);
    bindRequests(binder);
    if (config.storage.driver === 'memory') binder.bind(ExchangeStore).to(MemoryExchangeStore).inSingletonScope();
    else binder.bind(ExchangeStore).to(SqliteExchangeStore).inSingletonScope();
  },
  // The market must run before the account connects to it, and stop after it has left.
  'core-services': (binder) => {
    bindDoor(binder);
    binder.bind(DeadManSwitch).to(VenueDeadManSwitch).inSingletonScope();
    bindExchange(binder);
    if (recording === undefined) {
      binder.bind(MarketGenerator).to(SeededMarketGenerator).inSingletonScope();
      binder.bind(MarketDriver).to(GeneratedMarketDriver).inSingletonScope();
    } else {
      binder.bind(BarSource).toConstantValue(recording);
      binder.bind(MarketDriver).to(RecordedMarketDriver).inSingletonScope();
    }
    binder.bind(Lifecycle).toService(MarketDriver);
  },
});

/** Both faces of the one exchange, and the account's way to it. */
export function bindExchange({ bind }: Binder): void {
  bind(SimulatedVenue).to(DeterministicExchange).inSingletonScope();
  bind(SimulatedExchange).toService(SimulatedVenue);
  bind(Brokerage).to(SimulatedBrokerage).inSingletonScope();
}
