import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { bars, runStrategy, type FaultedRun } from '#di/testing.js';
import { Decimal } from '#src/domain/decimal.js';
import type { OrderTicket } from '#src/ports/strategy/order-ticket.js';
import { defineStrategy, type BarContext } from '#src/services/strategy/define/index.js';

const GRID = { tick: new Decimal(1), step: new Decimal(1), minSize: new Decimal(1) };
const HOLDS = { bars: bars.closes('1h', [100, 100, 100, 100, 100, 100]), instrument: GRID };

describe('where nothing but protection is sent', () => {
  /** Long ten with a stop at 80; the bot is halted at the third bar, and a timer asks for another stop after that. */
  const moved = (to: number): Promise<FaultedRun> =>
    runStrategy(
      defineStrategy({
        name: 'moves',
        timeframe: '1h',
        onBar({ long, position, after }: BarContext<unknown>) {
          if (position.isFlat) long({ why: 'in', quantity: 10, stop: 80 });
          else after('90m', 'move');
        },
        onTimer: ({ exits }) => exits({ why: 'another stop', stop: to }),
      }),
      { ...HOLDS, faults: [{ when: { bar: 3 }, fault: 'state', to: 'HALTED' }] },
    );
  const stops = ({ orders }: FaultedRun): readonly unknown[] => [
    ...new Set(orders.filter(({ role }) => role === 'stop').map(({ stop }) => stop)),
  ];

  it('a stop that exits name moves towards the market', async () => {
    expect(stops(await moved(90))).toContain(90);
  });

  it('and stays where it would be loosened', async () => {
    expect(stops(await moved(70))).toEqual([80]);
  });
});

describe('an addition that is refused', () => {
  it('leaves the stop of what is held where it is', async () => {
    let ticket: OrderTicket | undefined;
    const run = await runStrategy(
      defineStrategy({
        name: 'adds',
        timeframe: '1h',
        onBar({ long, add, position }: BarContext<unknown>) {
          if (position.isFlat) long({ why: 'in', quantity: 10, stop: 80 });
          else ticket ??= add({ why: 'more', quantity: 10_000, stop: 60 });
        },
      }),
      HOLDS,
    );
    expect(ticket?.status).toBe('refused');
    expect(run.order('stop')).toMatchObject({ stop: 80, status: 'open' });
  });
});
