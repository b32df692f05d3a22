import { lots, ticks, type Ticks } from '#src/domain/units.js';
import { hold } from '#src/domain/decision.js';
import type { OrderRequest } from '#src/domain/order.js';
import { isTerminal } from '#src/domain/order-state.js';
import type { Submission } from '#src/ports/core-services/execution.js';
import { VenueTime } from '#src/ports/configuration/venue-time.js';
import { Protection } from '#src/ports/core-services/protection.js';
import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import type { StatusSource } from '#src/ports/market-services/lifecycle.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { swap, testBot, type TestBot } from 'perpsbot/testing';
import { FakeEventStore } from '../../../support/memory-event-store.js';

export const SYMBOL = 'BTC-PERP';
/** 49,000 of a price of 50,000. */
export const STOP = ticks(490_000);

/** A strategy that decides nothing and names the stop that a test gives it. */
export interface Named {
  stop: Ticks | undefined;
  planned: Ticks | undefined;
}

const definitionOf = (named: Named): StrategyDefinition => ({
  name: 'guarded',
  parameters: [],
  lookback: () => 1,
  create: () => ({
    name: 'guarded',
    lookback: 1,
    needsSnapshot: false,
    decide: () => hold('the test decides'),
    onFill: () => undefined,
    snapshot: () => undefined,
    restore: () => undefined,
    protection: () => named.stop,
    plannedProtection: () => named.planned,
  }),
});

export interface GuardedOptions {
  readonly broker?: FakeBroker;
  readonly events?: FakeEventStore;
  readonly config?: object;
  readonly stop?: Ticks | undefined;
  readonly time?: VenueTime;
}

/** A bot on the venue in a test's hand, whose position a strategy wants protected. */
export class GuardedBot {
  readonly named: Named;
  readonly made: TestBot;
  readonly events: FakeEventStore;

  constructor(options: GuardedOptions = {}) {
    this.named = { stop: 'stop' in options ? options.stop : STOP, planned: undefined };
    const broker = options.broker ?? new FakeBroker();
    const config: { readonly execution?: object } = options.config ?? {};
    this.events = options.events ?? new FakeEventStore(() => broker.scheduler.clock.now());
    this.made = testBot({
      broker,
      strategies: [definitionOf(this.named)],
      overrides: (container) => {
        swap(container, EventStore, this.events);
        if (options.time !== undefined) swap(container, VenueTime, options.time);
      },
      // As in production: an entry that nobody would cover does not rest.
      config: { ...config, execution: { allowUncoveredEntries: false, ...config.execution } },
    });
  }

  get broker(): FakeBroker {
    return this.made.broker;
  }

  /** Open, with a price of 50,000. */
  async open(): Promise<this> {
    await this.made.open();
    await this.made.cycle({ [SYMBOL]: 50_000 });
    return this;
  }

  /** Long ten lots, filled in these parts. */
  async enter(...parts: readonly number[]): Promise<this> {
    const size = parts.length === 0 ? 10 : parts.reduce((sum, part) => sum + part, 0);
    const before = this.broker.placed.length;
    const submission = this.decide('buy', size);
    if (submission.outcome !== 'submitted') throw new Error(JSON.stringify(submission));
    await this.made.advance(0);
    const entry = this.broker.placed[before];
    if (entry === undefined) throw new Error('The entry did not arrive.');
    for (const part of parts.length === 0 ? [size] : parts) {
      this.broker.fill(entry, { size: entry.instrument.size(lots(part)) });
      await this.made.advance(0);
    }
    return this;
  }

  decide(action: 'buy' | 'sell' | 'close', size?: number): Submission {
    return this.made.bot.executeDecision(SYMBOL, {
      action,
      reason: 'test',
      ...(size === undefined ? {} : { quantity: lots(size) }),
    });
  }

  /** Stops that stand at the venue now. */
  get standing(): readonly OrderRequest[] {
    return this.stops.filter(({ clientId }) => {
      const order = this.broker.account.orders.get(clientId);
      return order !== undefined && !isTerminal(order.report.status);
    });
  }

  /** Lots that stand behind the position. */
  get covered(): number {
    return this.standing.reduce((sum, { lots: size }) => sum + size, 0);
  }

  get stops(): readonly OrderRequest[] {
    return this.broker.placed.filter(({ stop }) => stop !== undefined);
  }

  get exits(): readonly OrderRequest[] {
    return this.broker.placed.filter(({ stop, reduceOnly }) => stop === undefined && reduceOnly);
  }

  get status(): Record<string, unknown> {
    return (this.made.get(Protection) as unknown as StatusSource).status();
  }
}
