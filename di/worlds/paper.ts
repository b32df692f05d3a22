import type { Newable } from 'inversify';
import { DeadManSwitch } from '../../src/ports/core-services/dead-man-switch.js';
import { VenueDeadManSwitch } from '../../src/services/execution/protection/away/venue-dead-man-switch.js';
import { SqliteExchangeStore } from '../../src/storage/sqlite/exchange-store.js';
import { NoAccountLock } from '../../src/storage/memory/no-account-lock.js';
import { MemoryExchangeStore } from '../../src/storage/memory/exchange-store.js';
import { SimulatedBrokerage } from '../../src/venues/simulated/brokerage/simulated-brokerage.js';
import { DeterministicExchange } from '../../src/venues/simulated/exchange/deterministic-exchange.js';
import { GeneratedMarketDriver } from '../../src/venues/simulated/brokerage/generated-market-driver.js';
import { MarketGenerator, SeededMarketGenerator } from '../../src/venues/simulated/models/market-generator.js';
import { RecordedMarketDriver } from '../../src/venues/simulated/brokerage/recorded-market-driver.js';
import { SimulatedVenue } from '../../src/venues/simulated/brokerage/venue.js';
import { LiveMarketDriver } from '../../src/venues/simulated/brokerage/live-market-driver.js';
import { PublicMarketBrokerage } from '../../src/venues/simulated/brokerage/public-market-brokerage.js';
import { PublicMarket } from '../../src/ports/venue/public-market.js';
import { BarSource } from '../../src/ports/core-services/bar-source.js';
import { AccountLock } from '../../src/ports/storage/account-lock.js';
import { Brokerage } from '../../src/ports/venue/brokerage.js';
import { Lifecycle, StatusSource } from '../../src/ports/market-services/lifecycle.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import { ExchangeStore, MarketDriver, SimulatedExchange } from '../../src/ports/core-services/simulated-exchange.js';
import type { Binder, WorldBindings } from '../phase.js';
import { asStatus } from '../roles.js';
import { bindDoor } from './door.js';
import { bindJournal, bindRequests } from './stores.js';
import { bindPacedTime, bindVenueTime, bindVirtualTime } from './time.js';
import { bindTrace } from './traces.js';

/** What a paper world's market is, in place of a generated one. */
export interface PaperMarket {
  readonly recording?: BarSource | undefined;
  /** A real venue's, as it happens. */
  readonly market?: PublicMarket | undefined;
}

/** The exchange inside with a file of its own, on a generated market, a recorded one, or a venue's own. */
export const paperWorld = (config: BotConfig, { recording, market }: PaperMarket): WorldBindings => ({
  configuration: market === undefined ? ownTime(config, recording) : bindVenueTime,
  'runtime-state': bindTrace,
  storage: (binder) => {
    bindJournal(binder, config.storage.driver);
    bindRequests(binder);
    binder.bind(AccountLock).to(NoAccountLock).inSingletonScope();
    if (config.storage.driver === 'memory') binder.bind(ExchangeStore).to(MemoryExchangeStore).inSingletonScope();
    else binder.bind(ExchangeStore).to(SqliteExchangeStore).inSingletonScope();
  },
  // The market must run before the account connects to it, and stop after it has left.
  'core-services': (binder) => {
    bindDoor(binder);
    binder.bind(DeadManSwitch).to(VenueDeadManSwitch).inSingletonScope();
    bindExchange(binder, market === undefined ? SimulatedBrokerage : PublicMarketBrokerage);
    bindMarket(binder, { recording, market });
    binder.bind(Lifecycle).toService(MarketDriver);
  },
});

/** A recording brings its time with it, at every speed: nothing hangs on the hour of the person's clock. */
const ownTime = (config: BotConfig, recording: BarSource | undefined): ((binder: Binder) => void) =>
  config.simulation.speed === 'max' ? bindVirtualTime : bindPacedTime(recording === undefined);

function bindMarket({ bind }: Binder, { recording, market }: PaperMarket): void {
  if (market !== undefined) {
    bind(PublicMarket).toConstantValue(market);
    bind(MarketDriver).to(LiveMarketDriver).inSingletonScope();
    bind(StatusSource).toResolvedValue(asStatus('live-market'), [MarketDriver]).inSingletonScope();
  } else if (recording !== undefined) {
    bind(BarSource).toConstantValue(recording);
    bind(MarketDriver).to(RecordedMarketDriver).inSingletonScope();
  } else {
    bind(MarketGenerator).to(SeededMarketGenerator).inSingletonScope();
    bind(MarketDriver).to(GeneratedMarketDriver).inSingletonScope();
  }
}

/** Both faces of the one exchange, and the account's way to it. */
export function bindExchange({ bind }: Binder, brokerage: Newable<SimulatedBrokerage> = SimulatedBrokerage): void {
  bind(SimulatedVenue).to(DeterministicExchange).inSingletonScope();
  bind(SimulatedExchange).toService(SimulatedVenue);
  bind(Brokerage).to(brokerage).inSingletonScope();
}
