import type { TapedDecision } from '../../../src/backtest/look-ahead/taped-decision.js';
import { taped } from '../../../src/backtest/look-ahead/decision-tape.js';
import type { BarColumns } from '../../../src/data/bar-columns.js';
import { RecordedMarket } from '../../../src/data/recorded-market.js';
import type { Fill, Order } from '../../../src/domain/order.js';
import type { StrategyDefinition } from '../../../src/ports/core-services/strategy.js';
import type { BotContainer } from '../../container.js';
import { Estate } from './estate.js';
import { FaultPlan } from './fault-plan.js';
import type { FaultStep } from './fault-step.js';
import { FaultedLife, type LifeOptions } from './faulted-life.js';
import { Soundness } from './soundness.js';
import { throwing } from './throwing.js';

/** While something has just happened the watcher looks this often, and for so long. */
const LOOK_MS = 250;
const LIVELY_MS = 4_000;
/** After the last bar nothing new is wanted, and what is under way comes to its end. */
const SETTLE_MS = 90_000;

export interface FaultedOutcome {
  readonly orders: readonly Order[];
  /** Every value that an order ever had. */
  readonly changes: readonly Order[];
  readonly fills: readonly Fill[];
  readonly decisions: readonly TapedDecision[];
  /** What did not hold, with its instant. */
  readonly violations: readonly string[];
  /** Steps of the plan that never came to pass. */
  readonly left: readonly FaultStep[];
  /** Records that somebody waited for. */
  readonly records: number;
  /** Processes that were started. */
  readonly lives: number;
}

/**
 * Runs a strategy in the paper world over bars, while what `steps` say goes wrong. In memory, in virtual time.
 * `overrides`: of every life's container.
 */
export async function runFaulted(
  definition: StrategyDefinition,
  columns: BarColumns,
  config: object,
  steps: readonly FaultStep[],
  overrides?: (container: BotContainer) => void,
): Promise<FaultedOutcome> {
  const startAt = columns.openAt[0] ?? 0;
  const endAt = startAt + columns.length * columns.intervalMs + SETTLE_MS;
  const decisions: TapedDecision[] = [];
  const orders = new Map<string, Order>();
  const changes: Order[] = [];
  const sound = new Soundness(startAt);
  const { definition: failing, throwNext } = throwing(definition);
  const plan = new FaultPlan(steps, startAt, columns.intervalMs);
  const options: LifeOptions = {
    config,
    recording: new RecordedMarket(columns),
    strategies: [taped(failing, decisions)],
    estate: new Estate(),
    plan,
    throwNext,
    left: (request, now) => sound.left(request, now),
    ...(overrides === undefined ? {} : { overrides }),
  };
  const isReducing = (clientId: string): boolean => orders.get(clientId)?.request.reduceOnly === true;
  let lives = 0;
  let changedAt = startAt;
  const born = async (): Promise<FaultedLife> => {
    lives += 1;
    const next = new FaultedLife(options);
    next.log.onChange((order) => {
      changedAt = next.now();
      orders.set(order.request.clientId, order);
      changes.push(order);
    });
    await next.start();
    return next;
  };
  let life = await born();
  const look = (): void => {
    sound.fills(life.venue.fills, isReducing);
    sound.look(life);
  };
  for (;;) {
    if (life.life.isOver) {
      await life.bury();
      life = await born();
      changedAt = life.now();
      continue;
    }
    look();
    const now = life.now();
    if (now >= endAt) break;
    const isLively = now - Math.max(changedAt, life.disturbedAt()) < LIVELY_MS;
    const barEnd = startAt + (Math.floor((now - startAt) / columns.intervalMs) + 1) * columns.intervalMs;
    await life.run(Math.min(endAt, barEnd, plan.nextAt, isLively ? now + LOOK_MS : Infinity));
    life.happenAll(plan.due(life.now()));
  }
  sound.fills(life.venue.fills, isReducing);
  sound.end(life);
  const { fills } = life.venue;
  await life.stop();
  return {
    orders: [...orders.values()],
    changes,
    fills,
    decisions,
    violations: sound.violations,
    left: plan.left,
    records: plan.recordsSoFar,
    lives,
  };
}
