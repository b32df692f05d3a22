import { MINUTE_MS } from '#src/domain/time-spans.js';
import { SeededRandom } from '#src/platform/seeded-random.js';
import { WIRE_FAULTS } from '#src/ports/venue/serving/wire-faults.js';
import { Decimal } from '#src/domain/decimal.js';
import { Followed } from '../../unit/venues/followed.js';
import { level } from '../../unit/wire/binance-usdm/scene.js';

/** `risk.maxMarkStaleness`, by which what is told may lag, and what finding a silent channel takes. */
const BEHIND_MS = 200_000;
/** Until every pause that an outage has made is over, a ban among them. */
const CALM_MS = 10 * MINUTE_MS;
const STEP_MS = 200;
const CHANCE = 0.004;

export interface DrillFigures {
  readonly seed: number;
  /** Steps at which a quote stood inside, and all. */
  readonly quoted: number;
  readonly steps: number;
  readonly outages: number;
  readonly failures: readonly string[];
}

/**
 * The exchange inside on a market of which messages are lost, late, doubled, silent, cut or wrong, in virtual time.
 * Whenever a quote stands inside, the venue had it not longer ago than marks may be old; once all is well it is the
 * venue's of now.
 */
export async function drill(seed: number, minutes: number): Promise<DrillFigures> {
  const random = new SeededRandom().stream('drill', seed);
  const terms = { faults: WIRE_FAULTS, chance: 0, random: new SeededRandom().stream('wire', seed) };
  const followed = await new Followed().follow(terms);
  const { btc, clock, scheduler } = followed;
  const failures: string[] = [];
  const had: { readonly at: number; readonly best: string }[] = [];
  const bestOfVenue = (): string =>
    [btc.levels('buy', 1)[0], btc.levels('sell', 1)[0]].map((best) => best?.map(Number).join(' ')).join(' / ');
  const move = (): void => {
    const side = random.next() < 0.5 ? 'buy' : 'sell';
    const away = Math.floor(random.next() * 8) / 10;
    const price = new Decimal(side === 'buy' ? 100 - away : 101 + away).toFixed(1);
    const levels = [level(price, String(Math.floor(random.next() * 4)))];
    btc.update(side === 'buy' ? levels : [], side === 'sell' ? levels : [], clock.now());
    if (random.next() < 0.3) btc.trade(new Decimal('100.5'), new Decimal('0.01'), clock.now());
    btc.value(new Decimal('100.5'), new Decimal('100.5'), clock.now());
    had.push({ at: clock.now(), best: bestOfVenue() });
  };
  btc.show([level('100', '9'), level('95', '9')], [level('101', '9'), level('106', '9')], clock.now());
  had.push({ at: clock.now(), best: bestOfVenue() });
  await scheduler.advance(1_000);
  let [quoted, steps] = [0, 0];
  const run = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      move();
      await scheduler.advance(STEP_MS);
      steps += 1;
      const { inside } = followed;
      if (typeof inside === 'string') continue;
      quoted += 1;
      const best = `${Number(inside.bid)} ${inside.sizes[0] / 1_000} / ${Number(inside.ask)} ${inside.sizes[1] / 1_000}`;
      const from = clock.now() - BEHIND_MS;
      if (!had.some((each) => each.at >= from && each.best === best))
        failures.push(`seed ${seed}, ${clock.now()}: ${best} was never the book of the venue`);
    }
  };
  terms.chance = CHANCE;
  await run(minutes * MINUTE_MS);
  terms.chance = 0;
  await run(CALM_MS);
  await scheduler.advance(1_000);
  const { inside } = followed;
  const now = typeof inside === 'string' ? inside : `${Number(inside.bid)} ${inside.sizes[0] / 1_000}`;
  if (!bestOfVenue().startsWith(now)) failures.push(`seed ${seed}: ${now} stands inside, and ${bestOfVenue()} outside`);
  const outages = followed.log.lines.filter(({ message }) => message.startsWith('The market is not heard')).length;
  await followed.end();
  return { seed, quoted, steps, outages, failures };
}
