import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { bars, runStrategy, type RunReading, type StrategyRunOptions } from '#di/testing.js';
import { Decimal } from '#src/domain/decimal.js';
import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import type { OrderTicket } from '#src/ports/strategy/order-ticket.js';
import { defineStrategy, limit, type BarContext } from '#src/services/strategy/define/index.js';

const GRID = { tick: new Decimal(1), step: new Decimal(1), minSize: new Decimal(1) };
const CLOSES = [100, 100, 100, 101, 101, 101];

/** Long at the first bar, short at the third: as somebody writes who is always in the market. */
function reversal(tickets: OrderTicket[]): StrategyDefinition {
  let bar = 0;
  return defineStrategy({
    name: 'turns',
    timeframe: '1h',
    onBar({ long, short }: BarContext<unknown>) {
      bar += 1;
      if (bar === 1) tickets.push(long({ why: 'up', quantity: 10, stop: 80 }));
      if (bar === 3) tickets.push(short({ why: 'down', quantity: 10, stop: 120 }));
    },
  });
}

const options = (strategy: object): StrategyRunOptions => ({
  ...{ bars: bars.closes('1h', CLOSES), instrument: GRID, config: { strategy: { enableShorts: true, ...strategy } } },
});
const sides = ({ fills }: RunReading): string[] => fills.map(({ side, lots }) => `${side} ${lots}`);

/** The same in the world of a backtest and in that of paper. */
async function inBoth(
  strategy: object,
): Promise<readonly (readonly [string[], OrderTicket | undefined, RunReading])[]> {
  const [told, heard]: [OrderTicket[], OrderTicket[]] = [[], []];
  const backtest = await runStrategy(reversal(told), options(strategy));
  const paper = await runStrategy(reversal(heard), { ...options(strategy), faults: [] });
  return [
    [sides(backtest), told[1], backtest],
    [sides(paper), heard[1], paper],
  ];
}

describe('an entry against the position that is held', () => {
  it('closes it and enters', async () => {
    for (const [fills, ticket] of await inBoth({})) {
      expect(fills).toEqual(['buy 10', 'sell 10', 'sell 10']);
      expect(ticket?.status).toBe('filled');
    }
  });

  it('leaves the position all the same where shorts are off: its ticket says why nothing follows', async () => {
    for (const [fills, ticket, run] of await inBoth({ enableShorts: false })) {
      expect(fills).toEqual(['buy 10', 'sell 10']);
      expect(ticket).toMatchObject({ status: 'refused', refusal: { check: 'shorts_off' } });
      expect(run.order('stop').status).not.toBe('open');
    }
  });

  it('does so where a person or the bot lets nothing be added', async () => {
    const tickets: OrderTicket[] = [];
    const run = await runStrategy(reversal(tickets), {
      ...options({}),
      faults: [{ when: { bar: 1 }, fault: 'state', to: 'REDUCE_ONLY' }],
    });
    expect(sides(run)).toEqual(['buy 10', 'sell 10']);
    expect(tickets[1]?.refusal?.check).toBe('reduce_only_block');
    await run.expectSound();
  });

  it('withdraws an entry of the other side that waits, where shorts are off', async () => {
    let bar = 0;
    const run = await runStrategy(
      defineStrategy({
        name: 'turns',
        timeframe: '1h',
        onBar({ long, short }: BarContext<unknown>) {
          bar += 1;
          if (bar === 1) long({ why: 'up', quantity: 10, stop: 80, entry: limit(90) });
          if (bar === 3) short({ why: 'down', quantity: 10, stop: 120 });
        },
      }),
      options({ enableShorts: false }),
    );
    expect(run.order('entry').status).toBe('cancelled');
  });
});
