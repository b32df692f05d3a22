import { RecordedSession } from '#src/data/session/recorded-session.js';
import { Decimal } from '#src/domain/decimal.js';
import { MINUTE_MS } from '#src/domain/time-spans.js';
import { SeededRandom } from '#src/platform/seeded-random.js';
import { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import { WIRE_FAULTS } from '#src/ports/venue/serving/wire-faults.js';
import { SessionPlayer } from '#src/wire/binance-usdm/market/session-player.js';
import type { WireTrade } from '#src/wire/binance-usdm/market/wire-market.js';
import { DrilledBot } from './drilled-bot.js';
import { tradeLedger } from './trade-ledger.js';

/** What finding a channel silent takes, and a ban meanwhile. */
const BEHIND_MS = 200_000;
const CALM_MS = 10 * MINUTE_MS;
const STEP_MS = 200;
const STAMP_MS = 2 * MINUTE_MS;

export interface TradingDrillTerms {
  readonly seed: number;
  /** A session that the server plays. */
  readonly session: Uint8Array;
  /** Of a message or an answer that something happens to it. */
  readonly chance: number;
  readonly ms: number;
  /** Afterwards, without faults; default: until every pause that an outage has made is over, a ban among them. */
  readonly calmMs?: number;
}

export interface TradingDrillFigures {
  readonly quoted: number;
  readonly steps: number;
  readonly outages: number;
  readonly fills: number;
  readonly heard: number;
  readonly missing: number;
  readonly stamps: number;
  readonly failures: readonly string[];
}

/**
 * A whole bot that enters and leaves with stops on a market that a server plays, on a bad way. Whenever a quote stands
 * inside, the venue had it not long ago; each trade and each funding stamp is heard or said to be missing; the money
 * adds up; and once all is well the book is the venue's of now.
 */
export async function tradingDrill({
  seed,
  session,
  chance,
  ms,
  calmMs = CALM_MS,
}: TradingDrillTerms): Promise<TradingDrillFigures> {
  const terms = { faults: WIRE_FAULTS, chance: 0, random: new SeededRandom().stream('wire', seed) };
  const drilled = new DrilledBot();
  const { btc, clock, scheduler } = drilled;
  const failures: string[] = [];
  const made: WireTrade[] = [];
  btc.listeners.add({ traded: (trade) => made.push(trade) });
  const had: { readonly at: number; readonly best: string }[] = [];
  const bestOfVenue = (): string =>
    [btc.levels('buy', 1)[0], btc.levels('sell', 1)[0]].map((best) => best?.map(Number).join(' ') ?? '-').join(' ');
  const note = (): void => {
    const best = bestOfVenue();
    if (had.at(-1)?.best !== best) had.push({ at: clock.now(), best });
  };
  btc.listeners.add({ topMoved: note });
  const recorded = new RecordedSession(session, 'session.ndjson');
  const player = new SessionPlayer(btc, recorded.events(), clock, scheduler);
  const stamps: number[] = [];
  const taken = new Set<number>();
  let nextAt = Math.ceil((clock.now() + 1) / STAMP_MS) * STAMP_MS;
  const rate = new Decimal('0.0001');
  player.start();
  note();
  btc.funding(rate, nextAt);
  await drilled.begin(terms);
  /** What was told, while a quote stands inside: there the account's own fills have taken from it. */
  const inside = (): string | undefined =>
    drilled.exchange.markets.get('BTCUSDT')?.quoted === true ? drilled.bestOf('BTCUSDT') : undefined;
  let [quoted, steps] = [0, 0];
  const run = async (forMs: number): Promise<void> => {
    for (let passed = 0; passed < forMs; passed += STEP_MS) {
      await scheduler.advance(STEP_MS);
      if (clock.now() >= nextAt) {
        stamps.push(nextAt);
        nextAt += STAMP_MS;
        btc.funding(rate, nextAt);
      }
      taken.add(drilled.exchange.markets.get('BTCUSDT')?.funding.takenAt ?? 0);
      steps += 1;
      const best = inside();
      if (best === undefined) continue;
      quoted += 1;
      // What the venue had at some time since: the first that was there before it, and all after.
      const from = had.findLastIndex(({ at }) => at <= clock.now() - BEHIND_MS);
      if (!had.slice(Math.max(0, from)).some((each) => each.best === best))
        failures.push(`${clock.now()}: ${best} was never the book of the venue`);
    }
  };
  terms.chance = chance;
  await run(ms);
  terms.chance = 0;
  await run(calmMs);
  // What was missing at the end is named by the trade after it.
  btc.trade(btc.last ?? new Decimal(1), new Decimal('0.01'), clock.now());
  await run(MINUTE_MS / 10);
  const now = inside() ?? 'nothing';
  if (now !== bestOfVenue()) failures.push(`${now} stands inside, and ${bestOfVenue()} outside`);
  const ledger = tradeLedger(made, drilled.toldTrades);
  failures.push(...ledger.wrong);
  const warned = drilled.warnedAt;
  for (const stamp of stamps)
    if (!taken.has(stamp) && !warned.some((at) => at >= stamp - STAMP_MS && at <= stamp + MINUTE_MS))
      failures.push(`the stamp of ${stamp} was neither heard nor said to be missing`);
  const { fills } = drilled.exchange;
  drilled.bot.container.get(Portfolio).assertConsistent();
  drilled.exchange.assertConsistent();
  player.stop();
  await drilled.end();
  return {
    quoted,
    steps,
    outages: drilled.outages,
    fills: fills.length,
    heard: ledger.heard,
    missing: ledger.missing,
    stamps: stamps.length,
    failures: failures.map((each) => `seed ${seed}: ${each}`),
  };
}
