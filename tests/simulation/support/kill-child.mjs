// One life of a bot that is killed: `kill-child.mjs <json>`, over the built package. Opens the state directory of the
// life before, compares itself with the exchange, trades, and ends by SIGKILL at a named point, or by itself.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBot, TOKENS } from '../../../.cache/modules/di/index.js';
import { DrivenClock } from '../../../.cache/modules/src/ports/configuration/clock.js';
import { ExchangeStore } from '../../../.cache/modules/src/ports/core-services/simulated-exchange.js';
import { SimulatedVenue } from '../../../.cache/modules/src/venues/simulated/brokerage/venue.js';
import { churn } from './churn.mjs';
import { trappedBroker, trappedExchangeStore, trappedJournal, Traps } from './traps.mjs';
import { appliedTo, differences } from './truth.mjs';
import { wrap } from './wrap.mjs';

const life = JSON.parse(process.argv[2]);
const { directory, strategy, seed, cycles, startAt, stepMs, tighten } = life;
const traps = new Traps(life);
const state = { trading: false, submitting: false };
let applied = [];
const { Portfolio } = TOKENS.runtimeState;
const { EventStore, SafetyLadder } = TOKENS.storage;
const { Brokerage, OrderLog, RuntimeCoordinator, StrategyDefinition } = TOKENS.coreServices;
const { TradingCycle } = TOKENS.marketServices;
const file = (name) => join(directory, name);
const tell = (name, line) => appendFileSync(file(name), `${line}\n`);

const config = {
  profile: 'demo',
  updateInterval: '4s',
  strategy:
    strategy === 'churn'
      ? { name: 'churn' }
      : { name: 'baseline', shortMa: 2, longMa: 5, enableShorts: true, positionFraction: '5%' },
  risk: {
    maxLeverage: '10',
    maxOrderNotional: '1000000 USDT',
    maxPositionSize: '3000000 USDT',
    maxGrossNotional: '6000000 USDT',
    dailyLossLimit: '900000 USDT',
    maxPositionPctPerSymbol: '100%',
    maxExposurePct: '100%',
    ordersPerMinute: 600,
  },
  execution: { requestExpiry: '2s' },
  // It is killed for its living: what a loop of crashes does to a bot is another test's.
  tasks: { fatalStarts: 1_000, guards: '30s', orderReconcile: '8s', positionReconcile: '20s', accountTelemetry: '60s' },
  storage: life.memory ? { driver: 'memory' } : { driver: 'sqlite', directory: file('state') },
  simulation: {
    equity: strategy === 'churn' ? '1000000 USDT' : '10000 USDT',
    seed,
    quoteInterval: `${stepMs}ms`,
    startPrices: { 'BTC-PERP': 50000 },
    speed: 'max',
  },
  instruments: { 'BTC-PERP': { fundingIntervalHours: 1 } },
  logging: { level: 'error', json: true },
};

const bot = createBot({
  config,
  overrides: (container) => {
    container.bind(StrategyDefinition).toConstantValue(churn);
    container.onActivation(Portfolio, (_, portfolio) => {
      applied = appliedTo(portfolio);
      return portfolio;
    });
    container.onActivation(Brokerage, (_, broker) => trappedBroker(broker, traps, file('wire.log'), state));
    container.onActivation(EventStore, (_, journal) => trappedJournal(journal, traps));
    container.onActivation(ExchangeStore, (_, store) =>
      trappedExchangeStore(store, traps, state, (time) => tell('market.log', `committed ${time}`)),
    );
    container.onActivation(SimulatedVenue, (_, venue) => watchedVenue(venue));
    container.onActivation(RuntimeCoordinator, (_, runtime) =>
      wrap(runtime, { reconcileStateOnStartup: () => reconcile(runtime) }),
    );
    container.onActivation(TradingCycle, (_, cycle) => wrap(cycle, { run: (signal) => run(cycle, signal) }));
  },
});
const { container } = bot;

/** Writes down what the market does, and at what time it went on. */
function watchedVenue(venue) {
  let opened = false;
  return wrap(venue, {
    open() {
      const restored = venue.open();
      if (!opened) tell('market.log', `opened ${venue.time}`);
      opened = true;
      return restored;
    },
    quote(symbol, bid, bidLots, ask, askLots, at) {
      tell('market.log', `quote ${at} ${bid} ${bidLots} ${ask} ${askLots}`);
      venue.quote(symbol, bid, bidLots, ask, askLots, at);
    },
    mark(symbol, mark, at) {
      tell('market.log', `mark ${at} ${mark}`);
      venue.mark(symbol, mark, at);
    },
  });
}

/** After recovery and before the first decision: do both sides agree? */
async function reconcile(runtime) {
  await runtime.reconcileStateOnStartup();
  tell('verdicts.jsonl', JSON.stringify(verdict()));
  state.trading = true;
}

function verdict() {
  const venue = container.get(SimulatedVenue);
  const portfolio = container.get(Portfolio);
  const log = container.get(OrderLog);
  const orders = [...log.all()];
  const count = (...statuses) => orders.filter((order) => statuses.includes(order.status)).length;
  return {
    point: life.point,
    exchangeTime: venue.time,
    safety: container.get(SafetyLadder).state,
    known: portfolio.known,
    problems: differences(
      { portfolio, applied, log, journal: container.get(EventStore), venue },
      { settled: life.settled === true },
    ),
    orders: orders.length,
    open: count('open', 'partially_filled'),
    unsettled: count('planned', 'sending', 'unknown'),
    lost: count('lost'),
    fills: venue.fills.length,
    makerFills: venue.fills.filter((fill) => fill.liquidity === 'maker').length,
    fundings: venue.fundings.length,
    position: [...portfolio.positions()].map((position) => position.lots),
    journal: container.get(EventStore).lastSeq,
  };
}

async function run(cycle, signal) {
  traps.pass('a cycle begins');
  await cycle.run(signal);
  traps.pass('a cycle has ended');
}

/** Not at the top of the file: what is compiled with its notes is a script, which cannot wait. */
async function begin() {
  // The exchange's own time, once it has one, is later.
  container.get(DrivenClock).set(startAt);
  await bot.open();
  if (tighten !== undefined) await container.get(SafetyLadder).tighten(tighten, 'drill', 'operator');
  await bot.run({ cycles });
  const candles = container.get(SimulatedVenue).markets.get('BTC-PERP').history.encode().split(';').slice(2);
  tell('ends.jsonl', JSON.stringify({ candles }));
}
void begin();
