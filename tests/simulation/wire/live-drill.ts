import { createBot } from '#di/create-bot.js';
import type { PerpsBot } from '#di/bot.js';
import { RecordedSession } from '#src/data/session/recorded-session.js';
import { Decimal } from '#src/domain/decimal.js';
import { MINUTE_MS } from '#src/domain/time-spans.js';
import { SeededRandom } from '#src/platform/seeded-random.js';
import { HostClock } from '#src/ports/configuration/clock.js';
import { Logger } from '#src/ports/configuration/logger.js';
import { HostScheduler } from '#src/ports/configuration/scheduler.js';
import { OrderLog } from '#src/ports/core-services/execution.js';
import { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import { Brokerage } from '#src/ports/venue/brokerage.js';
import { WIRE_FAULTS, type WireFault } from '#src/ports/venue/serving/wire-faults.js';
import { textOf } from '#src/services/execution/orders/payload-fields.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { SessionPlayer } from '#src/wire/binance-usdm/market/session-player.js';
import type { WireAccount } from '#src/wire/binance-usdm/account/wire-account.js';
import { testConfig } from '../../support/config.js';
import { AccountScene, KEY } from '../../unit/venues/binance-usdm/account-scene.js';
import { inAndOut } from './in-and-out.js';

const SYMBOL = 'BTCUSDT';
const STEP_MS = 100;
/** Every pause that an outage has made is over by then, a ban among them. */
const CALM_MS = 6 * MINUTE_MS;
const AGREED_MS = 10_000;

/** A person, a liquidation and another rule change what is true for good: they are tried one by one. */
const FOR_GOOD: ReadonlySet<WireFault> = new Set<WireFault>([
  'filter-change',
  'hand-made-order',
  'hand-made-settings',
  'hand-made-cancel',
  'hand-made-close',
  'liquidation',
  'deleveraging',
]);
export const FAULTS_OF_THE_WAY = WIRE_FAULTS.filter((fault) => !FOR_GOOD.has(fault));

export interface LiveDrillTerms {
  readonly seed: number;
  /** A session that the server plays. */
  readonly session: Uint8Array;
  readonly faults: readonly WireFault[];
  /** Of a message or an answer that something happens to it. */
  readonly chance: number;
  readonly ms: number;
}

export interface LiveDrillFigures {
  readonly fills: number;
  readonly orders: number;
  /** The longest that something was held without a stop at the venue. */
  readonly longestBareMs: number;
  readonly safety: string;
  readonly failures: readonly string[];
}

/** A whole bot, live on the server over the adapter: what it believes is compared with what the venue's side holds. */
export async function liveDrill({ seed, session, faults, chance, ms }: LiveDrillTerms): Promise<LiveDrillFigures> {
  const terms = { faults, chance: 0, random: new SeededRandom().stream('wire', seed) };
  const at = await new AccountScene().serve(terms);
  const { clock, scheduler, btc } = at;
  const recorded = new RecordedSession(session, 'session.ndjson');
  const player = new SessionPlayer(btc, recorded.events(), clock, scheduler);
  player.start();
  await scheduler.advance(0);
  // A session says nothing of an index: it is where the market is.
  const [best] = btc.levels('buy', 1);
  const price = new Decimal(best?.[0] ?? 0);
  btc.value(price, price, clock.now());
  btc.funding(new Decimal('0.0001'), clock.now() + 2 * MINUTE_MS);
  await at.within(at.venue.connect());
  const specs = await at.within(at.venue.listProducts());
  const log = new RecordingLogger();
  const bot: PerpsBot = createBot({
    config: testConfig({
      world: 'live',
      profile: 'prod',
      simulation: { startPrices: {} },
      symbols: [SYMBOL],
      instruments: { [SYMBOL]: specs.find(({ symbol }) => symbol === SYMBOL) },
      strategy: { name: inAndOut.name, enableShorts: true },
      streaming: { reconnectMaxMs: 5_000 },
      storage: { driver: 'memory' },
      risk: {
        ...{
          dailyLossLimit: new Decimal(5_000),
          maxDrawdown: new Decimal('0.5'),
          maxOrderNotional: new Decimal(5_000),
        },
        ...{ maxGrossNotional: new Decimal(10_000), maxUnattendedEntries: 100_000, maxEquityAgeMs: 600_000 },
      },
    }),
    strategies: [inAndOut],
    overrides: (container) => {
      container.rebind(Brokerage).toConstantValue(at.venue);
      container.rebind(HostClock).toConstantValue({ wall: () => clock.now(), monotonic: () => clock.now() });
      container.rebind(HostScheduler).toConstantValue(scheduler);
      container.rebind(Logger).toConstantValue(log);
    },
  });
  await at.within(bot.start(), 2 * MINUTE_MS);
  const { container } = bot;
  const account = (): WireAccount => at.server?.accounts.standing(KEY.key)?.account as WireAccount;
  let [longestBareMs, bareMs] = [0, 0];
  const run = async (forMs: number): Promise<void> => {
    for (let passed = 0; passed < forMs; passed += STEP_MS) {
      await scheduler.advance(STEP_MS);
      const held = account().lotsOf(SYMBOL) !== 0;
      const isCovered = account().register.openAlgos(undefined).length > 0;
      bareMs = held && !isCovered ? bareMs + STEP_MS : 0;
      longestBareMs = Math.max(longestBareMs, bareMs);
    }
  };
  terms.chance = chance;
  await run(ms);
  terms.chance = 0;
  await run(CALM_MS);
  // Between an order and its answer the two may differ: they agree soon.
  let failures = compared(container, account());
  for (let passed = 0; failures.length > 0 && passed < AGREED_MS; passed += STEP_MS) {
    await scheduler.advance(STEP_MS);
    failures = compared(container, account());
  }
  const figures = {
    fills: account().past.trades.size,
    orders: container.get(EventStore).query({ types: ['order_submission'], limit: 100_000 }).length,
    longestBareMs,
    safety: `${container.get(SafetyLadder).state} ${container.get(SafetyLadder).reason}`,
    failures: failures.map((each) => `seed ${seed}: ${each}`),
  };
  player.stop();
  await at.within(bot.stop(), 5 * MINUTE_MS);
  at.server?.close();
  return figures;
}

/** What the bot believes and the venue does not hold. */
function compared(container: PerpsBot['container'], account: WireAccount): readonly string[] {
  const failures: string[] = [];
  const portfolio = container.get(Portfolio);
  portfolio.assertConsistent();
  account.books.assertConsistent();
  const lots = [...portfolio.positions()].reduce((sum, position) => sum + position.lots, 0);
  if (lots !== account.lotsOf(SYMBOL)) failures.push(`${lots} lots are believed, ${account.lotsOf(SYMBOL)} held`);
  const open = new Set([...account.register.live].map(({ clientId }) => clientId));
  const believed = new Set(
    container
      .get(OrderLog)
      .open()
      .map(({ request }) => request.clientId),
  );
  // What somebody else has placed is shown, and none of ours.
  for (const id of open)
    if (!believed.has(id) && !id.startsWith('web_')) failures.push(`${id} is open at the venue, and not believed`);
  for (const id of believed) if (!open.has(id)) failures.push(`${id} is believed open, and is not`);
  const own = container.get(EventStore).query({ types: ['fill', 'external_fill'], limit: 100_000 });
  const booked = own.map(({ payload }) => textOf(payload, 'trade_id'));
  if (new Set(booked).size !== booked.length) failures.push('a fill is booked twice');
  if (booked.length !== account.past.trades.size)
    failures.push(`${booked.length} fills are booked, and ${account.past.trades.size} were made`);
  const wallet = account.books.unit.of(account.books.ledger.holdings);
  const cash = portfolio.unit.of(portfolio.ledger.holdings);
  if (wallet.minus(cash).abs().gt('0.01')) failures.push(`${cash.toFixed()} is believed, ${wallet.toFixed()} is there`);
  return failures;
}
